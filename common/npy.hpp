// NumPy's .npy files: version 1.0 to 3.0 headers, C order, little-endian numbers.
//
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/tensor.hpp"

namespace qfs {

// An array of any rank as it stands in a file. `bytes` holds element_count(shape)
// elements of `dtype`.
struct NpyArray {
  std::string dtype;  // NumPy's descriptor: "<f4", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<i8"
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;
};

// Throws Error on a missing, truncated or oversized file, an unknown type, Fortran
// order, big-endian numbers, or a shape that does not fit the file's size. Allocates at
// most the file's size.
NpyArray load_npy_array(const std::string& path);

// The same from memory; `name` is for messages.
NpyArray parse_npy(std::span<const std::byte> file, const std::string& name);

// Any rank as float: "<f4" as it is, "<f8" rounded to float. Other types are an Error, and so are
// NaN and infinity (also a double too large for a float): a lesson works on numbers.
struct FloatArray {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
FloatArray load_npy_float(const std::string& path);

// The same from an array already read; `name` is for messages.
FloatArray as_floats(const NpyArray& array, const std::string& name);

// The descriptor of a C++ element type.
template <class T>
constexpr const char* npy_dtype() {
  if constexpr (std::same_as<T, float>) return "<f4";
  if constexpr (std::same_as<T, double>) return "<f8";
  if constexpr (std::same_as<T, std::int8_t>) return "|i1";
  if constexpr (std::same_as<T, std::uint8_t>) return "|u1";
  if constexpr (std::same_as<T, std::int16_t>) return "<i2";
  if constexpr (std::same_as<T, std::uint16_t>) return "<u2";
  if constexpr (std::same_as<T, std::int32_t>) return "<i4";
  if constexpr (std::same_as<T, std::int64_t>) return "<i8";
}

// Writes atomically. Throws Error when `bytes` is not as long as `shape` and `dtype` say.
void save_npy_bytes(const std::string& path, const std::string& dtype,
                    std::span<const std::size_t> shape, std::span<const std::byte> bytes);

// A tensor of exactly this element type and rank; anything else is an Error.
template <class T, std::size_t N>
Tensor<T, N> load_npy(const std::string& path) {
  const NpyArray array = load_npy_array(path);
  require(array.dtype == npy_dtype<T>(), path + ": wrong element type", array.dtype, npy_dtype<T>(),
          "convert it, e.g. with NumPy's astype");
  require(array.shape.size() == N, path + ": wrong number of dimensions", shape_text(array.shape),
          std::to_string(N) + " dimension(s)", "reshape it before saving");
  std::array<std::size_t, N> shape{};
  std::copy_n(array.shape.begin(), N, shape.begin());
  Tensor<T, N> tensor(shape);
  if (!array.bytes.empty()) std::memcpy(tensor.data(), array.bytes.data(), array.bytes.size());
  return tensor;
}

template <class T, std::size_t N>
void save_npy(const std::string& path, const Tensor<T, N>& tensor) {
  save_npy_bytes(path, npy_dtype<T>(), shape_of(tensor), std::as_bytes(values(tensor)));
}

}  // namespace qfs

// NumPy's .npy files: version 1.0 to 3.0 headers, C order, little-endian numbers.
//
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/tensor.hpp"

namespace qfs {

// An array of any rank as it stands in a file. `bytes` holds element_count(shape) elements of `dtype`.
struct NpyArray {
  std::string dtype;  // NumPy's descriptor: "<f4", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<i8"
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;
};

// Throws Error on a missing, truncated or oversized file, an unknown type, Fortran order, big-endian
// numbers, or a shape that does not fit the file's size. Allocates at most the file's size.
NpyArray load_npy_array(const std::string& path);

// Any rank as float: "<f4" as it is, "<f8" rounded to float. Other types are an Error, and so are NaN
// and infinity: a lesson works on numbers.
struct FloatArray {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
FloatArray load_npy_float(const std::string& path);

// The descriptor of a C++ element type; specialised for float, double and int8..int64, uint8, uint16.
template <class T>
const char* npy_dtype();

// Writes atomically.
void save_npy_bytes(const std::string& path, const std::string& dtype,
                    std::span<const std::size_t> shape, std::span<const std::byte> bytes);

// A tensor of exactly this element type and rank; anything else is an Error.
template <class T, std::size_t N>
Tensor<T, N> load_npy(const std::string& path);

template <class T, std::size_t N>
void save_npy(const std::string& path, const Tensor<T, N>& tensor) {
  save_npy_bytes(path, npy_dtype<T>(), shape_of(tensor), std::as_bytes(values(tensor)));
}

}  // namespace qfs

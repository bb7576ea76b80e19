// Tensors to and from the records of a model file.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstring>
#include <string>
#include <vector>

#include "common/container_file.hpp"
#include "common/tensor.hpp"

namespace qfs {

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::same_as<T, std::uint8_t>) return DType::u8;
  if constexpr (std::same_as<T, std::int8_t>) return DType::s8;
  if constexpr (std::same_as<T, std::int32_t>) return DType::s32;
  if constexpr (std::same_as<T, float>) return DType::f32;
}

template <class T, std::size_t N>
Record to_record(const std::string& name, const Tensor<T, N>& tensor) {
  const auto bytes = std::as_bytes(values(tensor));
  return {name, dtype_of<T>(), shape_of(tensor), {bytes.begin(), bytes.end()}};
}

template <class T, std::size_t N>
Tensor<T, N> from_record(const std::vector<Record>& records, const std::string& name) {
  const Record& record = find_record(records, name, dtype_of<T>(), N);
  require(!record.bytes.empty(), "record '" + name + "' holds nothing", shape_text(record.dims),
          "at least one element", "make the file again");
  std::array<std::size_t, N> shape{};
  std::copy_n(record.dims.begin(), N, shape.begin());
  Tensor<T, N> tensor(shape);
  std::memcpy(tensor.data(), record.bytes.data(), record.bytes.size());
  return tensor;
}

}  // namespace qfs

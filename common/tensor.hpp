// Tensor<T, N>: a dense row-major array of fixed rank. The only file that includes xtensor.
//
// Rules: a function that keeps or returns numbers returns a Tensor, never a lazy xtensor
// expression; one level above the kernels data travels as std::span; shapes are checked
// where data enters.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>
#include <xtensor/xtensor.hpp>

#include "common/check.hpp"

namespace qfs {

template <class T, std::size_t N>
using Tensor = xt::xtensor<T, N>;
template <class T>
using Vector = Tensor<T, 1>;
template <class T>
using Matrix = Tensor<T, 2>;

// A tensor of the given shape, every element `value`:  make_tensor<float>({2, 3}) is 2 x 3 zeros.
template <class T, std::size_t N>
Tensor<T, N> make_tensor(const std::size_t (&shape)[N], T value = T{}) {
  std::array<std::size_t, N> extents{};
  for (std::size_t d = 0; d < N; ++d) extents[d] = shape[d];
  return Tensor<T, N>(extents, value);
}

// All elements in row-major order, without a copy.
template <class T, std::size_t N>
std::span<const T> values(const Tensor<T, N>& tensor) {
  return {tensor.data(), tensor.size()};
}
template <class T, std::size_t N>
std::span<T> values(Tensor<T, N>& tensor) {
  return {tensor.data(), tensor.size()};
}

// Row i of a matrix, without a copy.
template <class T>
std::span<const T> row(const Matrix<T>& matrix, std::size_t i) {
  return values(matrix).subspan(i * matrix.shape(1), matrix.shape(1));
}
template <class T>
std::span<T> row(Matrix<T>& matrix, std::size_t i) {
  return values(matrix).subspan(i * matrix.shape(1), matrix.shape(1));
}

template <class T, std::size_t N>
std::vector<std::size_t> shape_of(const Tensor<T, N>& tensor) {
  return {tensor.shape().begin(), tensor.shape().end()};
}

// "64 x 784"; "scalar" for rank 0.
inline std::string shape_text(std::span<const std::size_t> shape) {
  std::string text;
  for (std::size_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}
template <class T, std::size_t N>
std::string shape_text(const Tensor<T, N>& tensor) {
  return shape_text(std::span<const std::size_t>(shape_of(tensor)));
}

// The number of elements of a shape; 1 for rank 0.
inline std::size_t element_count(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (std::size_t extent : shape) count *= extent;
  return count;
}

// How many elements of two tensors of one size differ.
template <class T, std::size_t N>
std::size_t count_different(const Tensor<T, N>& a, const Tensor<T, N>& b) {
  require(a.size() == b.size(), "compared tensors differ in size", b.size(), a.size(),
          "compare the same outputs of two nets");
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += values(a)[i] != values(b)[i] ? 1 : 0;
  return count;
}

// How many floats of two tensors of one size differ in a bit: 0 and -0 do, a NaN and itself do not.
template <std::size_t N>
std::size_t count_other_bits(const Tensor<float, N>& a, const Tensor<float, N>& b) {
  require(a.size() == b.size(), "compared tensors differ in size", b.size(), a.size(),
          "compare the same outputs of two nets");
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    count +=
        std::bit_cast<std::uint32_t>(values(a)[i]) != std::bit_cast<std::uint32_t>(values(b)[i])
            ? 1
            : 0;
  return count;
}

// Throws Error unless both tensors have one shape.
template <class T, class U, std::size_t N>
void require_same_shape(const Tensor<T, N>& a, const Tensor<U, N>& b, std::string_view what,
                        const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  require(
      std::ranges::equal(a.shape(), b.shape()),
      [&] { return std::string(what) + ": shapes differ"; }, [&] { return shape_text(b); },
      [&] { return shape_text(a); }, "pass two tensors of one shape", file, line);
}

}  // namespace qfs

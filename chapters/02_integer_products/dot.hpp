// Products of quantized matrices, in integers.
//
// Symbols as in the text: q_x, z_x the input's integers (M x K) and zero point; q_w, z_w the
// weight's (N x K, one row per output, as PyTorch keeps them); acc the 32-bit sums (M x N).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>

#include "01_affine_math/affine.hpp"
#include "common/tensor.hpp"

namespace qfs {

// The two types an 8-bit tensor is stored in. Nothing else is let into a product: no float, and no
// type whose products could leave 32 bits earlier than max_depth says.
template <class T>
concept Int8 = std::same_as<T, std::uint8_t> || std::same_as<T, std::int8_t>;

template <Int8 T>
constexpr QuantRange range_of() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

constexpr std::int64_t largest_magnitude(QuantRange range) {
  return std::max(-static_cast<std::int64_t>(range.qmin), static_cast<std::int64_t>(range.qmax));
}

// [max_depth]
// The longest sum of products q_x q_w that fits 32 bits whatever the integers are (eq. 2.6).
constexpr std::int64_t max_depth(QuantRange x, QuantRange w) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();
  return kLargest / (largest_magnitude(x) * largest_magnitude(w));
}
// 65793 * 255 * 128 and 33025 * 255 * 255 are just below 2^31.
static_assert(max_depth(unsigned_range(8), signed_range(8)) == 65793);
static_assert(max_depth(unsigned_range(8), unsigned_range(8)) == 33025);
// [/max_depth]

struct GemmShape {
  std::size_t m = 0, n = 0, k = 0;
};

// Throws Error where a matrix has another size than the shape says, and where K passes max_depth.
template <Int8 X, Int8 W>
void require_gemm(GemmShape shape, std::span<const X> x, std::span<const W> w,
                  std::span<std::int32_t> acc) {
  const auto [rows, outputs, depth] = shape;
  require(x.size() == rows * depth && w.size() == outputs * depth && acc.size() == rows * outputs,
          "gemm: a matrix has another size than M, N and K say", acc.size(), rows * outputs,
          "pass M * K, N * K and M * N elements");
  require(static_cast<std::int64_t>(depth) <= max_depth(range_of<X>(), range_of<W>()),
          "gemm: the sum may overflow 32 bits", depth, max_depth(range_of<X>(), range_of<W>()),
          "split K into parts and add them in 64 bits");
}

// [gemm]
// acc[m, n] = sum over k of q_x[m, k] * q_w[n, k], exact; 0 where K = 0. Row-major spans of M * K,
// N * K and M * N elements.
template <Int8 X, Int8 W>
void gemm_s32_ref(GemmShape shape, std::span<const X> x, std::span<const W> w,
                  std::span<std::int32_t> acc) {
  require_gemm(shape, x, w, acc);  // throws Error on other sizes, and on a K that is too long
  const auto [rows, outputs, depth] = shape;
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t n = 0; n < outputs; ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < depth; ++k) sum += x[m * depth + k] * w[n * depth + k];
      acc[m * outputs + n] = sum;
    }
}

// The usual pair of types: unsigned activations, signed weights.
inline void gemm_u8s8s32_ref(GemmShape shape, std::span<const std::uint8_t> x,
                             std::span<const std::int8_t> w, std::span<std::int32_t> acc) {
  gemm_s32_ref(shape, x, w, acc);
}
// [/gemm]

// The sum of each row. At most max_depth columns, so that it fits 32 bits.
template <Int8 T>
Vector<std::int32_t> row_sums(const Matrix<T>& matrix) {
  auto sums = make_tensor<std::int32_t>({matrix.shape(0)});
  for (std::size_t i = 0; i < matrix.shape(0); ++i)
    for (T value : row(matrix, i)) sums(i) += value;
  return sums;
}

// Parameters come one for the whole tensor or one per output channel.
template <class T>
T of_channel(std::span<const T> parameters, std::size_t channel) {
  return parameters[parameters.size() == 1 ? 0 : channel];
}

template <class T>
void require_per_channel(std::span<const T> parameters, std::size_t channels, std::string_view what,
                         const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  require(
      parameters.size() == 1 || parameters.size() == channels,
      [&] { return std::string(what) + ": one for the tensor or one per output channel"; },
      parameters.size(), channels, "give 1, or one for every output", file, line);
}

// Throws Error where the sum of output n may leave 32 bits (eq. 2.7).
inline void require_fits_s32(std::int64_t worst, std::size_t n) {
  require(
      worst <= std::numeric_limits<std::int32_t>::max(),
      [&] { return "output " + std::to_string(n) + " may overflow its 32-bit sum"; }, worst,
      "at most 2147483647", "look at its bias: a scale s_x * s_w that is nearly 0 makes it huge");
}

inline void require_biases(std::span<const std::int32_t> bias, std::size_t outputs) {
  require(bias.size() == outputs, "fold_zero_points: one bias per output", bias.size(), outputs,
          "pass zeros where a layer has no bias");
}

// [fold]
// Offline. What the bias of every output becomes when the terms that do not depend on the input are
// added to it (eq. 2.4): bias - z_x * sum q_w + K z_x z_w. `bias` has the scale s_x s_w; N of them.
//
// Also proves that no later sum leaves 32 bits, in whatever order it is added (eq. 2.7), for inputs
// in x_range; throws Error where that does not hold.
template <Int8 W>
Vector<std::int32_t> fold_zero_points(const Matrix<W>& w, std::span<const std::int32_t> bias,
                                      std::int32_t x_zero_point, QuantRange x_range,
                                      std::span<const std::int32_t> w_zero_points) {
  const std::size_t outputs = w.shape(0);
  require_biases(bias, outputs);
  require_per_channel(w_zero_points, outputs, "weight zero points");
  const auto depth = static_cast<std::int64_t>(w.shape(1));
  auto folded = make_tensor<std::int32_t>({outputs});
  for (std::size_t n = 0; n < outputs; ++n) {
    const std::int64_t w_zero_point = of_channel(w_zero_points, n);
    std::int64_t sum = 0, magnitude = depth * std::abs(w_zero_point);
    for (W q : row(w, n)) {
      sum += q;
      magnitude += std::abs(static_cast<std::int64_t>(q));
    }
    const std::int64_t value = bias[n] - x_zero_point * sum + depth * x_zero_point * w_zero_point;
    const std::int64_t worst = std::abs(value) + largest_magnitude(x_range) * magnitude;
    require_fits_s32(worst, n);
    folded(n) = static_cast<std::int32_t>(value);
  }
  return folded;
}
// [/fold]

// Throws Error unless x is M x K, w N x K, and there are N biases.
template <Int8 X, Int8 W>
void require_product(const Matrix<X>& x, const Matrix<W>& w,
                     std::span<const std::int32_t> folded_bias) {
  require(
      w.shape(1) == x.shape(1) && folded_bias.size() == w.shape(0),
      "integer_product: shapes do not fit together",
      [&] {
        return shape_text(x) + " by " + shape_text(w) + ", bias " +
               std::to_string(folded_bias.size());
      },
      "M x K by N x K, bias N", "store the weight as one row per output");
}

// [product]
// At run time. acc = sum (q_x - z_x)(q_w - z_w) + bias, from the raw product and the folded bias
// (eq. 2.5). Only weights with a zero point need the row sums of the input.
template <Int8 X, Int8 W>
Matrix<std::int32_t> integer_product(const Matrix<X>& x, const Matrix<W>& w,
                                     std::span<const std::int32_t> folded_bias,
                                     std::span<const std::int32_t> w_zero_points) {
  require_product(x, w, folded_bias);
  const GemmShape shape{x.shape(0), w.shape(0), x.shape(1)};
  require_per_channel(w_zero_points, shape.n, "weight zero points");
  auto acc = make_tensor<std::int32_t>({shape.m, shape.n});
  gemm_s32_ref(shape, values(x), values(w), values(acc));
  const bool symmetric = std::ranges::all_of(w_zero_points, [](auto z) { return z == 0; });
  const auto x_sums = symmetric ? make_tensor<std::int32_t>({shape.m}) : row_sums(x);
  for (std::size_t m = 0; m < shape.m; ++m)
    for (std::size_t n = 0; n < shape.n; ++n)
      acc(m, n) += folded_bias[n] - of_channel(w_zero_points, n) * x_sums(m);
  return acc;
}
// [/product]

// The same number by its definition, the sum in (eq. 2.1), (eq. 2.2) unexpanded: two subtractions
// inside the loop.
template <Int8 X, Int8 W>
Matrix<std::int32_t> product_by_definition(const Matrix<X>& x, std::int32_t x_zero_point,
                                           const Matrix<W>& w, std::int32_t w_zero_point) {
  require(x.shape(1) == w.shape(1), "product_by_definition: the depths differ", w.shape(1),
          x.shape(1), "store the weight as one row per output");
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < w.shape(0); ++n)
      for (std::size_t k = 0; k < x.shape(1); ++k)
        acc(m, n) += (x(m, k) - x_zero_point) * (w(n, k) - w_zero_point);
  return acc;
}

}  // namespace qfs

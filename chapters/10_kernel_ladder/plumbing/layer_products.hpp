// What the lessons of chapters 10 to 14 multiply, and what they hold their products against.
#pragma once

#include <cstdint>

#include "02_integer_products/dot.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/quantized_net.hpp"

namespace qfs {

// The integers that layer 1 reads, for `rows` digits: the first ones, again and again where there
// are fewer.
inline Matrix<std::uint8_t> layer_1_inputs(const TestDigits& digits, const QuantizedNet& net,
                                           std::size_t rows) {
  const TensorSpec& input = layers_of(net)[0].input;
  auto q = make_tensor<std::uint8_t>({rows, input.size()});
  quantize(values(batch_to_time(digits, rows)), input.params, input.range, values(q));
  return q;
}

// x (M x K) times the transpose of w (N x K), by chapter 02's loops.
inline Matrix<std::int32_t> exact_product(const Matrix<std::int8_t>& w,
                                          const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  gemm_u8s8s32_ref({x.shape(0), w.shape(0), w.shape(1)}, values(x), values(w), values(acc));
  return acc;
}

// The inputs that drive sums furthest, two rows an output: x_max where its weight is positive, 0
// elsewhere; and the other way round.
inline Matrix<std::uint8_t> extreme_inputs(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  auto x = make_tensor<std::uint8_t>({2 * w.shape(0), w.shape(1)});
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); ++k)
      x(2 * n + (w(n, k) > 0 ? 0 : 1), k) = static_cast<std::uint8_t>(x_max);
  return x;
}

}  // namespace qfs

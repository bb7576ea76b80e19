#include "06_static_ptq/simulation.hpp"

#include <algorithm>
#include <cmath>

#include "02_integer_products/dot.hpp"
#include "common/matmul_f32.hpp"

namespace qfs {

Matrix<float> simulate(const OperationParts& layer, const Matrix<std::uint8_t>& q_x,
                       BiasRounding rounding, std::span<const float> real_bias) {
  const auto& [q_w, scales] = layer.weights->weight;
  auto x = make_tensor<float>({q_x.shape(0), q_x.shape(1)});
  dequantize(values(q_x), layer.input.params, values(x));
  auto w = make_tensor<float>({q_w.shape(0), q_w.shape(1)});
  for (std::size_t n = 0; n < w.shape(0); ++n)
    dequantize(row(q_w, n), {of_channel(values(scales), n), 0}, row(w, n));
  Matrix<float> y = matmul_f32(x, w);
  for (std::size_t n = 0; n < y.shape(1); ++n) {
    const float step = layer.input.params.scale * of_channel(values(scales), n);  // s_x s_w
    const float bias = rounding == BiasRounding::none
                           ? real_bias[n]
                           : step * static_cast<float>(layer.weights->bias(n));
    for (std::size_t m = 0; m < y.shape(0); ++m) y(m, n) += bias;
  }
  return y;
}

namespace {

// What the integers stand for before rounding, exactly, in steps of the output: acc s_x s_w / s_y.
// And how far the float graph may be from it (eq. 6.9): an unrounded bias half a step of the sum, a
// float32 sum of K products (K + 4) 2^-24 of the sum of their magnitudes, the rest less than 8
// roundings of the result.
struct Exact {
  double steps = 0.0, reach = 0.0;
};

Exact exact_output(const OperationParts& layer, std::span<const std::uint8_t> q_x, std::size_t n,
                   BiasRounding bias) {
  const auto& [q_w, scales] = layer.weights->weight;
  std::int64_t acc = layer.weights->bias(n), magnitude = std::abs(acc);
  for (std::size_t k = 0; k < q_x.size(); ++k) {
    const std::int64_t product = (q_x[k] - layer.input.params.zero_point) * q_w(n, k);
    acc += product;
    magnitude += std::abs(product);
  }
  const double sum_step = static_cast<double>(layer.input.params.scale) *
                          static_cast<double>(of_channel(values(scales), n)) /
                          static_cast<double>(layer.output.params.scale);
  const double steps = static_cast<double>(acc) * sum_step;
  const double sum_error =
      static_cast<double>(q_x.size() + 4) * 0x1p-24 * static_cast<double>(magnitude) * sum_step;
  return {steps, sum_error + 8 * 0x1p-24 * std::fabs(steps) +
                     (bias == BiasRounding::none ? sum_step / 2 : 0.0)};
}

}  // namespace

Agreement compare(const OperationParts& layer, const Matrix<float>& simulated,
                  const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y,
                  BiasRounding bias) {
  const auto& [params, range] = std::pair(layer.output.params, layer.output.range);
  Agreement result{.outputs = q_y.size()};
  for (std::size_t m = 0; m < q_y.shape(0); ++m)
    for (std::size_t n = 0; n < q_y.shape(1); ++n) {
      const int q = quantize_value(simulated(m, n), params, range);
      if (q == q_y(m, n)) continue;
      ++result.differ;
      const Exact exact = exact_output(layer, row(q_x, m), n, bias);
      const double from_tie = std::fabs(exact.steps - std::floor(exact.steps) - 0.5);
      result.farthest = std::max(result.farthest, from_tie);
      const double lowest = std::nearbyint(exact.steps - exact.reach) + params.zero_point;
      const double highest = std::nearbyint(exact.steps + exact.reach) + params.zero_point;
      result.explained += lowest <= q && q <= highest ? 1 : 0;
    }
  return result;
}

}  // namespace qfs

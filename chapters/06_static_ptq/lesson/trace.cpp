// Section 10: one output of layer 1 for the first test digit, end to end.
#include <cmath>
#include <cstdio>

#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

// The middle row of the picture; the sums run over all of it.
void trace_products(const Matrix<float>& x, const Matrix<std::uint8_t>& q_x, const Linear& real,
                    const Matrix<std::int8_t>& q_w, std::size_t n, const TestDigits& digits) {
  const std::size_t from = digits.rows / 2 * digits.cols, to = from + digits.cols;
  Table table({"k", "pixel", "x", "q_x", "w", "q_w", "product", "sum"});
  std::int32_t raw = 0;
  for (std::size_t k = 0; k < q_w.shape(1); ++k) {
    const int product = q_x(0, k) * q_w(n, k);
    raw += product;
    if (k >= from && k < to && digits.pixels(0, k) > 0)
      table.row({std::to_string(k), std::to_string(digits.pixels(0, k)), fixed(x(0, k), 5),
                 std::to_string(q_x(0, k)), fixed(real.weight(n, k), 5), number_text(q_w(n, k)),
                 std::to_string(product), std::to_string(raw)});
  }
  table.print();
  std::printf("  sum q_x q_w    %8d   over all %zu pixels (above: ink in the middle row)\n", raw,
              q_w.shape(1));
}

void trace_requantization(const ToU8& to_u8, std::int32_t acc, std::size_t n) {
  const float m = of_channel(values(to_u8.multiplier), n);
  const FixedPointMultiplier fixed = to_fixed_point(static_cast<double>(m));
  const std::int32_t z_y = to_u8.output.zero_point;
  const QuantRange range = to_u8.range;
  const float scaled = static_cast<float>(acc) * m;
  const std::int32_t by_float = requantize_float(acc, m, z_y, range);
  std::printf(
      "  float32: acc * m = %d * %.9g = %.7g,\n"
      "           rounded %g, + %d, clamped to %d..%d: %d\n",
      acc, static_cast<double>(m), static_cast<double>(scaled),
      static_cast<double>(std::nearbyint(scaled)), z_y, range.qmin, range.qmax, by_float);
  const std::int64_t product = std::int64_t{acc} * fixed.mantissa;
  std::printf(
      "  fixed:   acc * %d = %lld,\n"
      "           / 2^%d, rounded %lld, + %d, clamped: %d\n",
      fixed.mantissa, static_cast<long long>(product), 31 + fixed.shift,
      static_cast<long long>(rounding_shift_right(product, 31 + fixed.shift)), z_y,
      requantize_fixed(acc, fixed, z_y, range));
  const std::int32_t relu = std::max(by_float, z_y);
  std::printf("  ReLU: max(%d, %d) = %d, stands for %.9g * (%d - %d) = %.5f\n", by_float, z_y, relu,
              static_cast<double>(to_u8.output.scale), relu, z_y,
              static_cast<double>(dequantize_value(relu, to_u8.output)));
}

}  // namespace

void trace(const Study& study, std::size_t neuron) {
  const OperationParts layer = layers_of(study.net)[0];
  const Matrix<std::int8_t>& q_w = layer.weights->weight.q;
  const std::size_t n = std::min(neuron, layer.output.size() - 1);
  section(10, "Trace: output " + std::to_string(n) + " of layer 1, first test digit");
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 1);
  NetBuffers tensors;
  run(pack(study.net), x, tensors);
  const Matrix<std::uint8_t>& q_x = tensors.u8[layer.operation.inputs[0]];
  trace_products(x, q_x, study.mlp.layers[0], q_w, n, study.data.test);
  const std::int32_t w_sum = row_sums(q_w)(n), z_x = layer.input.params.zero_point;
  std::printf("  - z_x sum q_w  %8d   (-%d * %d, offline)\n", -z_x * w_sum, z_x, w_sum);
  std::printf("  + bias         %8d   (%.7g / (s_x s_w), offline)\n", layer.weights->bias(n),
              static_cast<double>(study.mlp.layers[0].bias(n)));
  const ToU8 to_u8 = make_to_u8(layer);
  std::int32_t acc = to_u8.bias(n);
  for (std::size_t k = 0; k < q_w.shape(1); ++k) acc += q_x(0, k) * q_w(n, k);
  std::printf("  = acc          %8d\n", acc);
  trace_requantization(to_u8, acc, n);
  Matrix<float> real = linear_forward_ref(study.mlp.layers[0], x);
  relu_forward(real);
  std::printf("  the float net has %.5f there\n", static_cast<double>(real(0, n)));
}

}  // namespace qfs::ch06

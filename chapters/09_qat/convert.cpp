#include "09_qat/convert.hpp"

#include <cmath>

#include "02_integer_products/requantize.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "common/matmul_f32.hpp"

namespace qfs {

// [convert]
QuantizedMlp convert(const QatMlp& net) {
  QuantizedMlp integers{.input = net.input.params[0], .input_range = net.input.range};
  QuantParams input = integers.input;
  QuantRange input_range = integers.input_range;
  for (const QatLinear& layer : net.layers) {
    const FakeQuantizer &weight = layer.weight, &output = layer.output;
    integers.layers.push_back(quantize_linear(layer.real, input, input_range, output.params[0],
                                              output.range, weight.params, weight.range));
    input = output.params[0];
    input_range = output.range;
  }
  return fuse(std::move(integers));
}
// [/convert]

Matrix<float> fake_forward_ref(const QatLinear& layer, const QuantizedLinear& converted,
                               const Matrix<float>& x, BiasRounding rounding) {
  auto w = make_tensor<float>({layer.real.outputs(), layer.real.inputs()});
  forward(layer.weight, values(layer.real.weight), values(w));
  Matrix<float> y = matmul_f32(x, w);
  for (std::size_t n = 0; n < y.shape(1); ++n) {
    const float step =
        converted.input.scale * of_channel(values(converted.weight_scale), n);  // s_x s_w
    const float bias = rounding == BiasRounding::none
                           ? layer.real.bias(n)
                           : step * static_cast<float>(converted.bias(n));
    for (std::size_t m = 0; m < y.shape(0); ++m) y(m, n) += bias;
  }
  if (layer.relu) relu_forward(y);
  return y;
}

namespace {

// What the integers stand for before rounding, exactly, in steps of the output: acc s_x s_w / s_y.
// And how far the float graph may be from it (eq. 9.8): an unrounded bias half a step of the sum, a
// float32 sum of K products (K + 4) 2^-24 of the sum of their magnitudes, the rest less than 8
// roundings of the result.
struct Exact {
  double steps = 0.0, reach = 0.0;
};

Exact exact_output(const QuantizedLinear& layer, std::span<const std::uint8_t> q_x, std::size_t n,
                   BiasRounding bias) {
  std::int64_t acc = layer.bias(n), magnitude = std::abs(acc);
  for (std::size_t k = 0; k < q_x.size(); ++k) {
    const std::int64_t product = (q_x[k] - layer.input.zero_point) * layer.weight(n, k);
    acc += product;
    magnitude += std::abs(product);
  }
  const double sum_step = static_cast<double>(layer.input.scale) *
                          static_cast<double>(of_channel(values(layer.weight_scale), n)) /
                          static_cast<double>(layer.output.scale);
  const double steps = static_cast<double>(acc) * sum_step;
  const double sum_error =
      static_cast<double>(q_x.size() + 4) * 0x1p-24 * static_cast<double>(magnitude) * sum_step;
  return {steps, sum_error + 8 * 0x1p-24 * std::fabs(steps) +
                     (bias == BiasRounding::none ? sum_step / 2 : 0.0)};
}

Agreement compare_layer(const QuantizedLinear& layer, const Matrix<float>& y,
                        const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y,
                        BiasRounding bias) {
  Agreement result{.outputs = q_y.size()};
  for (std::size_t m = 0; m < q_y.shape(0); ++m)
    for (std::size_t n = 0; n < q_y.shape(1); ++n) {
      const int q = quantize_value(y(m, n), layer.output, layer.output_range);
      if (q == q_y(m, n)) continue;
      ++result.differ;
      const Exact exact = exact_output(layer, row(q_x, m), n, bias);
      const double from_tie = std::fabs(exact.steps - std::floor(exact.steps) - 0.5);
      result.farthest = std::max(result.farthest, from_tie);
      const double lowest = std::nearbyint(exact.steps - exact.reach) + layer.output.zero_point;
      const double highest = std::nearbyint(exact.steps + exact.reach) + layer.output.zero_point;
      result.explained += lowest <= q && q <= highest ? 1 : 0;
    }
  return result;
}

}  // namespace

std::vector<Agreement> compare_graphs(const QatMlp& net, const QuantizedMlp& converted,
                                      const Matrix<float>& x, BiasRounding bias) {
  const PackedMlp packed = pack(converted);
  Matrix<std::uint8_t> q_x = quantize_input(packed, x);
  std::vector<Matrix<std::uint8_t>> outputs;
  forward_u8(packed, q_x, &outputs);
  std::vector<Agreement> agreements;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const QuantizedLinear& layer = converted.layers[i];
    auto real_x = make_tensor<float>({q_x.shape(0), q_x.shape(1)});
    dequantize(values(std::as_const(q_x)), layer.input, values(real_x));
    const Matrix<float> y = fake_forward_ref(net.layers[i], layer, real_x, bias);
    agreements.push_back(compare_layer(layer, y, q_x, outputs[i], bias));
    q_x = outputs[i];
  }
  return agreements;
}

std::vector<std::uint8_t> classify_fake(const QatMlp& net, const QuantizedMlp& converted,
                                        const Matrix<std::uint8_t>& pixels, BiasRounding bias) {
  return classify(pixels, [&](const Matrix<float>& pictures) {
    Matrix<float> x = pictures;
    forward(net.input, values(pictures), values(x));
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      x = fake_forward_ref(net.layers[i], converted.layers[i], x, bias);
      forward(net.layers[i].output, values(x), values(x));
    }
    return x;
  });
}

}  // namespace qfs

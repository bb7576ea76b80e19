// Section 10: one output of layer 1, node by node and in integers.
#include <cstdio>

#include "02_integer_products/requantize.hpp"
#include "23_onnx_export/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch23 {

void trace(const Study& study, std::size_t neuron) {
  section(10, "Trace: test digit 0, one output of layer 1");
  const OperationParts layer = layers_of(study.fused)[0];
  const Weights& weights = *layer.weights;
  const std::size_t n = std::min(neuron, weights.weight.outputs() - 1);
  const QuantParams x_params = layer.input.params, y_params = layer.output.params;
  std::vector<std::uint8_t> q(study.x.shape(1));
  quantize(row(study.x, 0), x_params, layer.input.range, std::span(q), Rounding::half_even_divide);
  const float s_w = of_channel(values(weights.weight.scale), n), s_b = x_params.scale * s_w;
  float real = 0.0F;
  std::int64_t sum = weights.bias(n);
  for (std::size_t k = 0; k < q.size(); ++k) {
    const int centred = q[k] - x_params.zero_point, q_w = weights.weight.q(n, k);
    real += (x_params.scale * static_cast<float>(centred)) * (s_w * static_cast<float>(q_w));
    sum += centred * q_w;
  }
  real += s_b * static_cast<float>(weights.bias(n));
  const float m = output_multiplier(x_params.scale, s_w, y_params.scale);
  const auto g = [](float value) { return general(static_cast<double>(value), 7); };
  std::printf("  output %zu; s_x %s, z_x %d; s_w %s; s_y %s, z_y %d\n", n,
              g(x_params.scale).c_str(), x_params.zero_point, g(s_w).c_str(),
              g(y_params.scale).c_str(), y_params.zero_point);
  std::printf("  reals:    Gemm %s, / s_y = %s, rounded, + z_y = %d\n", g(real).c_str(),
              g(real / y_params.scale).c_str(),
              quantize_value(real, y_params, layer.output.range, Rounding::half_even_divide));
  std::printf(
      "  integers: sum %lld (bias %d), times m %s = %s, rounded, + z_y = %d\n",
      static_cast<long long>(sum), weights.bias(n), g(m).c_str(),
      g(static_cast<float>(sum) * m).c_str(),
      requantize_float(static_cast<std::int32_t>(sum), m, y_params.zero_point, layer.output.range));
}

}  // namespace qfs::ch23

#include "18_better_rounding/rounded_net.hpp"

#include "02_integer_products/requantize.hpp"
#include "18_better_rounding/bias_correction.hpp"
#include "18_better_rounding/weight_scales.hpp"

namespace qfs {
namespace {

float paper() { return normalized(make_tensor<std::uint8_t>({1, 1}), 0, 1)(0, 0); }

}  // namespace

Matrix<float> ink(Matrix<float> normalized) {
  const float none = paper();
  for (float& value : values(normalized)) value -= none;
  return normalized;
}

Mlp takes_ink(Mlp mlp) {
  Linear& first = mlp.layers.front();
  for (std::size_t n = 0; n < first.outputs(); ++n) {
    double sum = 0.0;
    for (float w : row(first.weight, n)) sum += static_cast<double>(w);
    first.bias(n) =
        static_cast<float>(static_cast<double>(first.bias(n)) + sum * static_cast<double>(paper()));
  }
  return mlp;
}

namespace {

QuantizedWeight round_layer(const Matrix<float>& weight, const Matrix<float>& x,
                            const Matrix<float>& y, const RoundingOptions& options) {
  const QuantRange range = signed_range(options.bits);
  const auto params = options.scales == ScaleChoice::min_max
                          ? min_max_params(weight, range, options.weights)
                          : least_error_params(weight, range, options.weights);
  if (options.method == RoundingMethod::nearest) return quantize_weight(weight, params, range);
  const Moments seen = moments(x, y);
  return options.method == RoundingMethod::gptq
             ? gptq(weight, params, range, seen.inputs, options.damping)
             : adaround(weight, params, range, seen, options.adaround);
}

}  // namespace

Matrix<float> dequantized(const QuantizedWeight& weight) {
  Matrix<float> real = make_tensor<float>({weight.outputs(), weight.inputs()});
  for (std::size_t n = 0; n < weight.outputs(); ++n)
    for (std::size_t k = 0; k < weight.inputs(); ++k)
      real(n, k) = of_channel(values(weight.scale), n) * static_cast<float>(weight.q(n, k));
  return real;
}

// [round_net]
RoundedNet round_net(const Mlp& mlp, const CalibrationSet& digits, const RoundingOptions& options) {
  Matrix<float> x = ink(digits.batch(0, digits.size()));  // of the float net
  Matrix<float> x_rounded = x;                            // of the net rounded so far
  RoundedNet result{.weights = {}, .net = mlp};
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Linear& real = mlp.layers[i];
    Linear& rounded = result.net.layers[i];
    const Matrix<float> y = matmul_f32(x, real.weight);  // without the bias, which stays
    result.weights.push_back(round_layer(real.weight, x_rounded, y, options));
    rounded.weight = dequantized(result.weights.back());
    if (options.correct_biases) correct_bias(rounded, real.weight, mean_input(x_rounded));
    x = linear_forward_ref(real, x);
    x_rounded = linear_forward_ref(rounded, x_rounded);
    if (i + 1 == mlp.layers.size()) break;
    relu_forward(x);
    relu_forward(x_rounded);
  }
  return result;
}
// [/round_net]

}  // namespace qfs

#include "08_dynamic_quantization/dynamic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qfs {
namespace {

// [pytorch_rule]
// In float64; scale and zero point leave it rounded, once each. A range that is 0, or so narrow
// that 1 / scale is no float32, gets the scale 0.1; and no scale is below 6.1e-5: the interval
// grows with it, so the zero point stays.
QuantParams qparams_by_pytorch(float lo, float hi, QuantRange range) {
  double scale =
      (static_cast<double>(hi) - static_cast<double>(lo)) / (range.qmax - range.qmin);  // (eq. 8.1)
  if (std::isinf(1.0F / static_cast<float>(scale))) scale = kScaleOfZeros;
  if (scale < static_cast<double>(kSmallestDynamicScale)) {
    lo *= kSmallestDynamicScale / static_cast<float>(scale);
    scale = static_cast<double>(kSmallestDynamicScale);
  }
  const double zero_point = std::nearbyint(range.qmin - static_cast<double>(lo) / scale);
  return {static_cast<float>(scale), static_cast<std::int32_t>(zero_point)};  // (eq. 8.2)
}
// [/pytorch_rule]

// In float32 throughout. Halves go to the even integer.
QuantParams qparams_by_onnx(float lo, float hi, QuantRange range) {
  const auto qmin = static_cast<float>(range.qmin), qmax = static_cast<float>(range.qmax);
  require(std::isfinite(hi - lo), "the interval is too wide",
          "[" + to_message(lo) + ", " + to_message(hi) + "]", "a width below 3.4e38",
          "look for an outlier of that size");
  float scale = (hi - lo) / (qmax - qmin);
  if (!std::isnormal(scale)) scale = 1.0F;
  const float zero_point = std::nearbyint(std::clamp(qmin - lo / scale, qmin, qmax));
  return {scale, static_cast<std::int32_t>(zero_point)};
}

// How many rows share parameters.
std::size_t rows_of_part(std::size_t rows, InputGranularity granularity) {
  return granularity == InputGranularity::per_row ? 1 : rows;
}

}  // namespace

QuantParams dynamic_qparams(Interval interval, QuantRange range, RangeRule rule) {
  require(std::isfinite(interval.min) && std::isfinite(interval.max) &&
              interval.min <= interval.max && range.qmin < range.qmax,
          "no scale exists for this interval",
          "[" + to_message(interval.min) + ", " + to_message(interval.max) + "]",
          "two finite numbers, min <= max, and two integers", "look for NaN or infinity");
  const float lo = std::min(interval.min, 0.0F), hi = std::max(interval.max, 0.0F);
  return rule == RangeRule::pytorch ? qparams_by_pytorch(lo, hi, range)
                                    : qparams_by_onnx(lo, hi, range);
}

DynamicLinear quantize_dynamic(const Linear& layer, WeightGranularity granularity) {
  // Only the weights are wanted: no bias, and 1 for every scale that is not theirs.
  Linear weights;
  weights.weight = layer.weight;
  weights.bias = make_tensor<float>({layer.outputs()});
  constexpr QuantParams kOne = {1.0F, 0};
  constexpr QuantRange kU8 = unsigned_range(8);
  const QuantizedLinear q = quantize_linear(weights, kOne, kU8, kOne, kU8, granularity);
  return {q.weight, q.weight_scale, layer.bias};
}

PackedDynamicLinear pack(const DynamicLinear& layer, QuantRange activations, const Backend& backend,
                         const std::string& name) {
  constexpr const char* kAdvice = "quantize the net again";
  const std::size_t N = layer.outputs();
  require(layer.bias.size() == N, name + ": one bias per output", layer.bias.size(), N, kAdvice);
  require_per_channel(values(layer.weight_scale), N, name + ", weight scales");
  for (float scale : values(layer.weight_scale))
    require(std::isnormal(scale) && scale > 0.0F, name + " has no usable weight scale", scale,
            "a positive normal float32", kAdvice);
  for (float bias : values(layer.bias))
    require(std::isfinite(bias), name + " has a bias that is not finite", bias, "a finite number",
            kAdvice);
  require(activations.qmin < activations.qmax, name + " has a range of one integer",
          activations.qmin, "qmin < qmax", kAdvice);
  PackedDynamicLinear packed{.backend = &backend};
  packed.weight = backend.pack_weight(layer.weight, activations);
  packed.weight_scale = layer.weight_scale;
  packed.weight_sum = row_sums(layer.weight);
  packed.bias = layer.bias;
  return packed;
}

// [run_time]
std::vector<QuantParams> find_qparams(const Matrix<float>& x, QuantRange range,
                                      const DynamicOptions& options) {
  const std::size_t B = x.shape(0), K = x.shape(1), rows = rows_of_part(B, options.granularity);
  std::vector<QuantParams> params;
  for (std::size_t m = 0; m < B; m += rows)
    params.push_back(
        dynamic_qparams(min_max(values(x).subspan(m * K, rows * K)), range, options.rule));
  return params;
}

Matrix<std::uint8_t> quantize_rows(const Matrix<float>& x, std::span<const QuantParams> params,
                                   QuantRange range, RangeRule rule) {
  auto q = make_tensor<std::uint8_t>({x.shape(0), x.shape(1)});
  const Rounding rounding =
      rule == RangeRule::onnx ? Rounding::half_even_divide : Rounding::half_even;
  for (std::size_t m = 0; m < x.shape(0); ++m)
    quantize(row(x, m), of_channel(params, m), range, row(q, m), rounding);
  return q;
}

Matrix<float> dequantize_sums(const PackedDynamicLinear& layer, const Matrix<std::int32_t>& acc,
                              std::span<const QuantParams> params) {
  auto y = make_tensor<float>({acc.shape(0), acc.shape(1)});
  for (std::size_t m = 0; m < y.shape(0); ++m) {
    const QuantParams x = of_channel(params, m);
    for (std::size_t n = 0; n < y.shape(1); ++n) {
      // Within 32 bits: it is the sum of (q_x - z_x) q_w, and |q_x - z_x| <= qmax.
      const std::int32_t sum = acc(m, n) - x.zero_point * layer.weight_sum(n);  // (eq. 8.3)
      const float scale = x.scale * of_channel(values(layer.weight_scale), n);
      y(m, n) = static_cast<float>(sum) * scale + layer.bias(n);  // (eq. 8.4)
    }
  }
  return y;
}
// [/run_time]

QuantizedInput quantize_input(const Matrix<float>& x, QuantRange range,
                              const DynamicOptions& options) {
  std::vector<QuantParams> params = find_qparams(x, range, options);
  Matrix<std::uint8_t> q = quantize_rows(x, params, range, options.rule);
  return {std::move(params), std::move(q)};
}

Matrix<std::int32_t> raw_product(const PackedDynamicLinear& layer, const Matrix<std::uint8_t>& q) {
  auto acc = make_tensor<std::int32_t>({q.shape(0), layer.weight.outputs});
  layer.backend->run_s32(layer.weight, values(q), q.shape(0), values(acc));
  return acc;
}

Matrix<float> dynamic_forward(const PackedDynamicLinear& layer, const Matrix<float>& x,
                              const DynamicOptions& options) {
  require(x.shape(1) == layer.weight.inputs, "the input does not fit the layer", x.shape(1),
          layer.weight.inputs, "pass one column per input");
  const QuantizedInput input = quantize_input(x, layer.weight.input_range, options);
  return dequantize_sums(layer, raw_product(layer, input.q), input.params);
}

}  // namespace qfs

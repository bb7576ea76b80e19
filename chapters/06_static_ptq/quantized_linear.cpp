#include "06_static_ptq/quantized_linear.hpp"

#include <cmath>

#include "01_affine_math/granularity.hpp"
#include "02_integer_products/requantize.hpp"

namespace qfs {
namespace {

// One parameter for the matrix, or one per row; of a matrix of one row both are the same.
Granularity granularity_of(std::size_t params) {
  return {params == 1 ? GranularityKind::per_tensor : GranularityKind::per_channel, 0, 0};
}

void require_symmetric_s8(std::span<const QuantParams> weights, QuantRange range, std::size_t N) {
  require_per_channel(weights, N, "weight parameters");
  require(-128 <= range.qmin && range.qmin < range.qmax && range.qmax <= 127,
          "weights are stored in s8",
          std::to_string(range.qmin) + ".." + std::to_string(range.qmax),
          "a range within -128..127", "use signed_range or narrow_range of at most 8 bits");
  for (const QuantParams& params : weights)
    require(params.zero_point == 0, "weights are symmetric", params.zero_point, "zero point 0",
            "choose their parameters with Scheme::symmetric");
}

}  // namespace

// [quantize_linear]
QuantizedLinear quantize_linear(const Linear& layer, QuantParams input, QuantRange input_range,
                                QuantParams output, QuantRange output_range,
                                WeightGranularity granularity) {
  const bool per_channel = granularity == WeightGranularity::per_channel;
  const ParamLayout layout =
      make_layout(shape_of(layer.weight), granularity_of(per_channel ? layer.outputs() : 1));
  const std::vector<QuantParams> weights =
      choose_qparams(min_max_per_param(values(layer.weight), layout), kWeightRange,
                     Scheme::symmetric);  // (eq. 6.1)
  return quantize_linear(layer, input, input_range, output, output_range, weights, kWeightRange);
}

QuantizedLinear quantize_linear(const Linear& layer, QuantParams input, QuantRange input_range,
                                QuantParams output, QuantRange output_range,
                                std::span<const QuantParams> weights, QuantRange weight_range) {
  const std::size_t N = layer.outputs(), K = layer.inputs();
  require_symmetric_s8(weights, weight_range, N);
  min_max(values(layer.weight));  // refuses NaN and infinity
  QuantizedLinear q{
      .input = input, .input_range = input_range, .output = output, .output_range = output_range};
  q.weight = make_tensor<std::int8_t>({N, K});
  const ParamLayout layout = make_layout(shape_of(layer.weight), granularity_of(weights.size()));
  quantize(values(layer.weight), layout, weights, weight_range, values(q.weight));  // (eq. 6.2)
  q.weight_scale = make_tensor<float>({weights.size()});
  for (std::size_t c = 0; c < weights.size(); ++c) q.weight_scale(c) = weights[c].scale;
  q.bias = make_tensor<std::int32_t>({N});
  for (std::size_t n = 0; n < N; ++n)  // (eq. 6.3)
    q.bias(n) = quantize_bias(layer.bias(n), input.scale,
                              of_channel(values(std::as_const(q.weight_scale)), n));
  q.multiplier = output_multipliers(q);
  return q;
}

Vector<float> output_multipliers(const QuantizedLinear& layer) {
  auto multiplier = make_tensor<float>({layer.weight_scale.size()});
  for (std::size_t c = 0; c < multiplier.size(); ++c)  // (eq. 6.4)
    multiplier(c) = output_multiplier(layer.input.scale, layer.weight_scale(c), layer.output.scale);
  return multiplier;
}
// [/quantize_linear]

namespace {

constexpr const char* kAdvice = "quantize the net again";

void require_scale(float scale, const std::string& name) {
  require(std::isnormal(scale) && scale > 0.0F, name + " has no usable scale", scale,
          "a positive normal float32", kAdvice);
}

}  // namespace

void require_valid(QuantParams params, QuantRange range, const std::string& name) {
  require_scale(params.scale, name);
  const std::string interval = std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
  require(0 <= range.qmin && range.qmin <= range.qmax && range.qmax <= 255,
          name + " has a range that 8 bits do not hold", interval, "within 0..255", kAdvice);
  require(range.qmin <= params.zero_point && params.zero_point <= range.qmax,
          name + " has its zero point outside its range", params.zero_point, interval, kAdvice);
}

void require_valid(const QuantizedLinear& layer, const std::string& name) {
  const std::size_t N = layer.outputs();
  require(N > 0 && layer.inputs() > 0, name + " has no weights", shape_text(layer.weight),
          "at least 1 x 1", kAdvice);
  require(layer.bias.size() == N, name + ": one bias per output", layer.bias.size(), N, kAdvice);
  require_per_channel(values(layer.weight_scale), N, name + ", weight scales");
  for (float scale : values(layer.weight_scale)) require_scale(scale, name + ", weight");
  require_valid(layer.input, layer.input_range, name + ", input");
  require_valid(layer.output, layer.output_range, name + ", output");
  const Vector<float> expected = output_multipliers(layer);
  require(layer.multiplier == expected, name + " has multipliers that are not s_x s_w / s_y",
          layer.multiplier.size(), expected.size(), "set them with output_multipliers");
}

}  // namespace qfs

#include "06_static_ptq/quantized_weight.hpp"

#include <cmath>

#include "01_affine_math/granularity.hpp"
#include "02_integer_products/requantize.hpp"

namespace qfs {
namespace {

// One parameter for the matrix, or one per row; of a matrix of one row both are the same.
Granularity granularity_of(std::size_t params) {
  return {params == 1 ? GranularityKind::per_tensor : GranularityKind::per_channel, 0, 0};
}

void require_symmetric_s8(std::span<const QuantParams> params, QuantRange range, std::size_t N) {
  require_per_channel(params, N, "weight parameters");
  require(-128 <= range.qmin && range.qmin < range.qmax && range.qmax <= 127,
          "weights are stored in s8",
          std::to_string(range.qmin) + ".." + std::to_string(range.qmax),
          "a range within -128..127", "use signed_range or narrow_range of at most 8 bits");
  for (const QuantParams& p : params)
    require(p.zero_point == 0, "weights are symmetric", p.zero_point, "zero point 0",
            "choose their parameters with Scheme::symmetric");
}

}  // namespace

// [quantize_weight]
QuantizedWeight quantize_weight(const Matrix<float>& weight, WeightGranularity granularity) {
  const bool per_channel = granularity == WeightGranularity::per_channel;
  const ParamLayout layout =
      make_layout(shape_of(weight), granularity_of(per_channel ? weight.shape(0) : 1));
  const std::vector<QuantParams> params = choose_qparams(
      min_max_per_param(values(weight), layout), kWeightRange, Scheme::symmetric);  // (eq. 6.1)
  return quantize_weight(weight, params, kWeightRange);
}

QuantizedWeight quantize_weight(const Matrix<float>& weight, std::span<const QuantParams> params,
                                QuantRange range) {
  require_symmetric_s8(params, range, weight.shape(0));
  min_max(values(weight));  // refuses NaN and infinity
  QuantizedWeight quantized{make_tensor<std::int8_t>({weight.shape(0), weight.shape(1)}),
                            make_tensor<float>({params.size()})};
  const ParamLayout layout = make_layout(shape_of(weight), granularity_of(params.size()));
  quantize(values(weight), layout, params, range, values(quantized.q));  // (eq. 6.2)
  for (std::size_t c = 0; c < params.size(); ++c) quantized.scale(c) = params[c].scale;
  return quantized;
}

Vector<std::int32_t> quantize_biases(std::span<const float> bias, float x_scale,
                                     std::span<const float> w_scales) {
  auto q = make_tensor<std::int32_t>({bias.size()});
  for (std::size_t n = 0; n < q.size(); ++n)  // (eq. 6.3)
    q(n) = quantize_bias(bias[n], x_scale, of_channel(w_scales, n));
  return q;
}

Vector<float> output_multipliers(float x_scale, std::span<const float> w_scales, float y_scale) {
  auto multiplier = make_tensor<float>({w_scales.size()});
  for (std::size_t c = 0; c < multiplier.size(); ++c)  // (eq. 6.4)
    multiplier(c) = output_multiplier(x_scale, w_scales[c], y_scale);
  return multiplier;
}
// [/quantize_weight]

void require_scale(float scale, const std::string& name) {
  require(std::isnormal(scale) && scale > 0.0F, name + " has no usable scale", scale,
          "a positive normal float32", "quantize the net again");
}

void require_valid(const QuantizedWeight& weight, const std::string& name) {
  require(weight.q.size() > 0, name + " has no weights", shape_text(weight.q), "at least 1 x 1",
          "quantize the net again");
  require_per_channel(values(weight.scale), weight.outputs(), name + ", weight scales");
  for (float scale : values(weight.scale)) require_scale(scale, name + ", weight");
}

}  // namespace qfs

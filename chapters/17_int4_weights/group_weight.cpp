#include "17_int4_weights/group_weight.hpp"

#include <algorithm>
#include <cmath>

#include "17_int4_weights/float16.hpp"
#include "17_int4_weights/pack_bits.hpp"

namespace qfs {
namespace {

float stored(float scale, ScaleFormat format) {
  if (format == ScaleFormat::float32) return scale;
  const float half = from_float16(to_float16(scale));
  require(std::isfinite(half), "float16 holds no such scale", scale, "less than 65520",
          "keep the scales in float32");
  return half;
}

}  // namespace

// [quantize_groups]
GroupWeight quantize_groups(const Matrix<float>& weight, int bits, Granularity granularity,
                            ScaleFormat format) {
  require_weight_bits(bits);
  require(granularity.axis == 0, "the channels of a weight are its outputs", granularity.axis,
          "axis 0", "leave the axis at 0");
  const ParamLayout layout = make_layout(shape_of(weight), granularity);
  const QuantRange range = signed_range(bits);
  std::vector<QuantParams> params =
      choose_qparams(min_max_per_param(values(weight), layout), range, Scheme::symmetric);
  for (QuantParams& p : params) p.scale = stored(p.scale, format);  // before the integers are made
  const bool per_tensor = granularity.kind == GranularityKind::per_tensor;
  GroupWeight quantized{
      .q = make_tensor<std::int8_t>({weight.shape(0), weight.shape(1)}),
      .scale = make_tensor<float>({per_tensor ? 1 : weight.shape(0), layout.groups}),
      .group_size = per_tensor ? weight.shape(1) : layout.group_size,
      .bits = bits,
      .format = format};
  quantize(values(weight), layout, params, range, values(quantized.q));  // (eq. 17.1)
  std::ranges::transform(params, values(quantized.scale).begin(), &QuantParams::scale);
  return quantized;
}
// [/quantize_groups]

Matrix<float> dequantize(const GroupWeight& weight) {
  auto w = make_tensor<float>({weight.outputs(), weight.inputs()});
  for (std::size_t n = 0; n < weight.outputs(); ++n)
    for (std::size_t k = 0; k < weight.inputs(); ++k)
      w(n, k) = weight.scale_of(n, k / weight.group_size) * static_cast<float>(weight.q(n, k));
  return w;
}

std::size_t stored_bytes(const GroupWeight& weight) {
  return weight.outputs() * packed_bytes(weight.inputs(), weight.bits) +
         weight.scale.size() * (weight.format == ScaleFormat::float16 ? 2 : 4);
}

void require_valid(const GroupWeight& weight, const std::string& name) {
  constexpr const char* kAdvice = "quantize the weight again";
  require_weight_bits(weight.bits);
  require(weight.q.size() > 0, name + " has no weights", shape_text(weight.q), "at least 1 x 1",
          kAdvice);
  require(weight.group_size > 0, name + " has groups of no inputs", weight.group_size, "at least 1",
          kAdvice);
  const bool one = weight.scale.size() == 1;
  require((one && weight.groups() == 1) || (weight.scale.shape(0) == weight.outputs() &&
                                            weight.scale.shape(1) == weight.groups()),
          name + " has another number of scales than of groups", shape_text(weight.scale),
          std::to_string(weight.outputs()) + " x " + std::to_string(weight.groups()), kAdvice);
  const QuantRange range = signed_range(weight.bits);
  for (std::int8_t q : values(weight.q))
    require(range.qmin <= q && q <= range.qmax, name + ": an integer has more bits", +q,
            weight.bits, kAdvice);
  for (float scale : values(weight.scale)) {
    require(std::isfinite(scale) && scale > 0.0F, name + " has no usable scale", scale,
            "positive and finite", kAdvice);
    require(stored(scale, weight.format) == scale, name + ": a scale is no float16", scale,
            "one that float16 holds", kAdvice);
  }
}

}  // namespace qfs

#include "23_onnx_export/portable_scales.hpp"

#include <cmath>

#include "02_integer_products/requantize.hpp"

namespace qfs {
namespace {

// The operations that requantize products of weights `w`.
std::vector<OperationParts> readers_of(const QuantizedNet& net, std::size_t w) {
  std::vector<OperationParts> readers;
  for (const Operation& operation : net.operations)
    if (operation.weights == w && net.tensors[operation.output].type == DType::u8)
      readers.push_back(parts_of(net, operation));
  return readers;
}

bool agreed(const OperationParts& layer, float w_scale) {
  const float x_scale = layer.input.params.scale, y_scale = layer.output.params.scale;
  return output_multiplier(x_scale, w_scale, y_scale) ==
         multiplier_by_division(x_scale, w_scale, y_scale);
}

bool agreed_by_all(std::span<const OperationParts> layers, float w_scale) {
  for (const OperationParts& layer : layers)
    if (!agreed(layer, w_scale)) return false;
  return true;
}

// [nearest]
// The float32 nearest to `scale` that is `right`: 0, 1, 2 ... units up or down.
template <class Right>
float nearest(float scale, const Right& right) {
  float up = scale, down = scale;
  for (int units = 0; units <= 4096; ++units) {
    if (right(up)) return up;
    if (right(down)) return down;
    up = std::nextafter(up, 2.0F * scale);
    down = std::nextafter(down, 0.0F);
  }
  fail("no scale near this one gives both rules one multiplier", to_message(scale),
       "one within 4096 units in the last place", "calibrate on other digits");
}

// s times the float32 nearest to 1 / s: exact in double, which has more than twice the bits.
bool has_good_reciprocal(float scale) {
  const double one = static_cast<double>(scale) * static_cast<double>(1.0F / scale);
  return std::fabs(one - 1.0) <= 0x1p-26;
}
// [/nearest]

}  // namespace

float multiplier_by_division(float x_scale, float w_scale, float y_scale) {
  return (x_scale * w_scale) / y_scale;  // (eq. 23.6)
}

std::size_t count_disputed(const QuantizedNet& net) {
  std::size_t count = 0;
  for (const OperationParts& layer : layers_of(net)) {
    if (layer.output.type != DType::u8) continue;
    for (const float scale : layer.weights->weight.scale) count += agreed(layer, scale) ? 0 : 1;
  }
  return count;
}

// [with_portable_scales]
QuantizedNet with_portable_scales(QuantizedNet net) {
  for (TensorSpec& tensor : net.tensors)
    if (tensor.type == DType::u8)
      tensor.params.scale = nearest(tensor.params.scale, has_good_reciprocal);
  for (std::size_t w = 0; w < net.weights.size(); ++w) {
    const std::vector<OperationParts> layers = readers_of(net, w);
    for (float& scale : net.weights[w].weight.scale)
      scale = nearest(scale, [&](float other) { return agreed_by_all(layers, other); });
  }
  return net;
}
// [/with_portable_scales]

}  // namespace qfs

#include "24_onnx_import/onnx_rows.hpp"

#include "21_int8_cnn/cnn_operations.hpp"
#include "24_onnx_import/plumbing/edge_rows.hpp"

namespace qfs {
namespace {

// In all but its multipliers a conv2d.
std::any pack_conv2d_onnx(const QuantizedNet& net, const Operation& operation,
                          const Backend& backend) {
  return pack_conv2d(net, operation, backend, make_to_u8_onnx(parts_of(net, operation)));
}

}  // namespace

// [multipliers]
Vector<float> output_multipliers_onnx(float x_scale, std::span<const float> w_scales,
                                      float y_scale) {
  auto multiplier = make_tensor<float>({w_scales.size()});
  for (std::size_t c = 0; c < multiplier.size(); ++c) {
    output_multiplier(x_scale, w_scales[c], y_scale);  // throws where there is none
    multiplier(c) = x_scale * w_scales[c] / y_scale;   // (eq. 24.7)
    require_scale(multiplier(c), "the multiplier of a layer");
  }
  return multiplier;
}

ToU8 make_to_u8_onnx(const OperationParts& layer) {
  ToU8 to_u8 = make_to_u8(layer);
  to_u8.multiplier = output_multipliers_onnx(
      layer.input.params.scale, values(layer.weights->weight.scale), layer.output.params.scale);
  return to_u8;
}
// [/multipliers]

std::span<const OperationKind> onnx_operations() {
  static const std::vector<OperationKind> kTable = [] {
    const std::span<const OperationKind> known = cnn_operations();
    std::vector<OperationKind> table(known.begin(), known.end());
    OperationKind conv = find_kind(known, "conv2d", "chapter 21");
    conv.name = "conv2d_onnx";
    conv.pack = pack_conv2d_onnx;
    table.push_back(quantize_onnx_kind());
    table.push_back(linear_onnx_kind());
    table.push_back(conv);
    return table;
  }();
  return kTable;
}

}  // namespace qfs

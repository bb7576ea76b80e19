#include "07_layer_fusion/fuse.hpp"

namespace qfs {

std::vector<Operation> operations(std::size_t layers) {
  std::vector<Operation> list;
  for (std::size_t i = 0; i < layers; ++i) {
    list.push_back({OperationKind::linear, i});
    if (i + 1 < layers) list.push_back({OperationKind::relu, i});
  }
  return list;
}

// [fuse_operations]
std::vector<Operation> fuse_operations(std::span<const Operation> list) {
  std::vector<Operation> fused;
  for (const Operation& operation : list) {
    if (operation.kind == OperationKind::relu && !fused.empty() &&
        fused.back().kind == OperationKind::linear)
      fused.back().kind = OperationKind::linear_relu;
    else
      fused.push_back(operation);
  }
  return fused;
}
// [/fuse_operations]

// [fuse]
// (eq. 7.1) is max(clamp(v, qmin, qmax), z_y), and that is clamp(v, max(qmin, z_y), qmax), since
// z_y <= qmax (eq. 7.2).
QuantizedLinear fuse(QuantizedLinear layer) {
  layer.output_range.qmin = std::max(layer.output_range.qmin, layer.output.zero_point);
  return layer;
}

QuantizedMlp fuse(QuantizedMlp net) {
  for (const Operation& operation : fuse_operations(operations(net.layers.size()))) {
    if (operation.kind != OperationKind::linear_relu) continue;
    QuantizedLinear& layer = net.layers[operation.layer];
    layer = fuse(std::move(layer));
    net.layers[operation.layer + 1].input_range = layer.output_range;
  }
  net.fused = true;
  return net;
}
// [/fuse]

// [quantize_fused_mlp]
QuantizedMlp quantize_fused_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                                const PtqOptions& options) {
  for (std::size_t i = 0; i + 1 < intervals.outputs.size(); ++i)
    require(intervals.outputs[i].min >= 0.0F,
            "layer " + std::to_string(i + 1) + ": its interval is not one after ReLU",
            intervals.outputs[i].min, "nothing below 0", "calibrate with OutputPoint::after_relu");
  return fuse(quantize_mlp(mlp, intervals, options));  // (eq. 7.3)
}
// [/quantize_fused_mlp]

}  // namespace qfs

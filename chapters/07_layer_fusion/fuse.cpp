#include "07_layer_fusion/fuse.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"

#include <algorithm>

namespace qfs {
namespace {

std::size_t readers_of(const QuantizedNet& net, std::size_t tensor) {
  std::size_t readers = 0;
  for (const Operation& operation : net.operations)
    readers += static_cast<std::size_t>(std::ranges::count(operation.inputs, tensor));
  return readers;
}

}  // namespace

// [rewrite]
// (eq. 7.1) is max(clamp(v, qmin, qmax), z_y), and that is clamp(v, max(qmin, z_y), qmax), since
// z_y <= qmax (eq. 7.2). The second is the clamp to the range of the relu's tensor.
QuantizedNet fuse(const QuantizedNet& net, std::span<const OperationKind> table) {
  require_valid(net, table);
  QuantizedNet fused{.tensors = net.tensors, .weights = net.weights};
  for (const Operation& operation : net.operations) {
    const auto before =
        std::ranges::find(fused.operations, operation.inputs[0], &Operation::output);
    if (operation.kind == "relu" && before != fused.operations.end() &&
        find_kind(table, before->kind, "fuse").clamps && readers_of(net, before->output) == 1) {
      before->output = operation.output;
      // To the relu's place in the list: the last operation writes the net's output.
      std::rotate(before, before + 1, fused.operations.end());
    } else {
      fused.operations.push_back(operation);
    }
  }
  return without_unused_tensors(std::move(fused));
}
// [/rewrite]

QuantizedNet without_unused_tensors(QuantizedNet net) {
  std::vector<bool> used(net.tensors.size(), false);
  used[0] = true;
  for (const Operation& operation : net.operations) {
    used[operation.output] = true;
    for (std::size_t input : operation.inputs) used[input] = true;
  }
  std::vector<std::size_t> number(net.tensors.size());
  std::vector<TensorSpec> tensors;
  for (std::size_t t = 0; t < net.tensors.size(); ++t) {
    number[t] = tensors.size();
    if (used[t]) tensors.push_back(std::move(net.tensors[t]));
  }
  net.tensors = std::move(tensors);
  for (Operation& operation : net.operations) {
    operation.output = number[operation.output];
    for (std::size_t& input : operation.inputs) input = number[input];
  }
  return net;
}

void require_after_relu(const ActivationIntervals& intervals) {
  for (std::size_t i = 0; i + 1 < intervals.outputs.size(); ++i)
    if (!(intervals.outputs[i].min >= 0.0F))
      fail("layer " + std::to_string(i + 1) + ": its interval is not one after ReLU",
           to_message(intervals.outputs[i].min), "nothing below 0",
           "calibrate with OutputPoint::after_relu");
}

// [quantize_fused_mlp]
QuantizedNet quantize_fused_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                                const PtqOptions& options) {
  require_after_relu(intervals);
  return fuse(quantize_mlp(mlp, intervals, options));  // (eq. 7.3)
}
// [/quantize_fused_mlp]

}  // namespace qfs

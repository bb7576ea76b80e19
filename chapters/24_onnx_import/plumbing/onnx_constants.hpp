// What a file says in numbers: scales, zero points, weights. Inputs are the numbers of a node's
// inputs, each of which must be a tensor of the file.
#pragma once

#include "24_onnx_import/net_reader.hpp"

namespace qfs {

// Of an activation: one of each.
OnnxParams read_params(const NetReader& reader, const NodeReader& node, std::size_t scale,
                       std::size_t zero_point);
// Of a constant; an axis below 0 counts from the last.
OnnxWeight weight_of(const NetReader& reader, const NodeReader& node, std::size_t q,
                     std::size_t scale, std::size_t zero_point, std::int64_t axis);
// The same where the scale comes later: one zero point at most.
OnnxWeight unscaled_weight_of(const NetReader& reader, const NodeReader& node, std::size_t q,
                              std::size_t zero_point);
// A float tensor of the file, quantized in the graph: its integers are known now. One scale, or one
// for each index of `axis`. Throws Error that names node and tensor where it cannot be.
OnnxConstant quantized_constant(const NetReader& reader, const NodeReader& node, std::int64_t axis);
// Positive normal float32 numbers, one or a list.
std::vector<float> scales_of(const NetReader& reader, const NodeReader& node, std::size_t scale);

// N x K of our weight, whose element (n, k) stands at index(n, k) of the file's. Throws Error where
// one is not s8, or where each scale is not one of all or of one output.
template <class Index>
QuantizedWeight s8_weight(const NodeReader& node, const OnnxWeight& weight, std::size_t N,
                          std::size_t K, std::size_t axis_of_outputs, Index index);

std::int8_t s8_of(const NodeReader& node, const OnnxWeight& weight, std::size_t i);
void require_scales_of_outputs(const NodeReader& node, const OnnxWeight& weight, std::size_t N,
                               std::size_t axis_of_outputs);

template <class Index>
QuantizedWeight s8_weight(const NodeReader& node, const OnnxWeight& weight, std::size_t N,
                          std::size_t K, std::size_t axis_of_outputs, Index index) {
  require_scales_of_outputs(node, weight, N, axis_of_outputs);
  QuantizedWeight ours{make_tensor<std::int8_t>({N, K}), make_tensor<float>({weight.scale.size()})};
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t k = 0; k < K; ++k) ours.q(n, k) = s8_of(node, weight, index(n, k));
  std::ranges::copy(weight.scale, ours.scale.begin());
  return ours;
}

}  // namespace qfs

// Exercise 23.3, solved.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "23_onnx_export/onnx_model.hpp"

namespace exercise {

// [solution]
// The DequantizeLinear that writes `name`, or null.
inline const qfs::OnnxNode* dequantizer_of(const qfs::OnnxModel& model, const std::string& name) {
  const qfs::OnnxNode* writer = qfs::find_writer(model, name);
  return writer != nullptr && writer->op == "DequantizeLinear" ? writer : nullptr;
}

inline bool is_quantized_at_once(const qfs::OnnxModel& model, const std::string& name) {
  std::size_t readers = 0, right = 0;
  for (const qfs::OnnxNode& node : model.nodes)
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != name) continue;
      ++readers;
      right += node.op == "QuantizeLinear" && i == 0 ? 1 : 0;
    }
  const bool shown =
      std::ranges::find(model.outputs, name, &qfs::OnnxValue::name) != model.outputs.end();
  return readers == 1 && right == 1 && !shown;
}

inline bool has_bias_scale(const qfs::OnnxModel& model, const qfs::OnnxNode& x,
                           const qfs::OnnxNode& w, const qfs::OnnxNode& b) {
  const auto scales_of = [&](const qfs::OnnxNode& node) {
    return qfs::elements<float>(*qfs::find_initializer(model, node.inputs[1]));
  };
  std::vector<float> expected = scales_of(w);
  for (float& scale : expected) scale *= scales_of(x)[0];
  return qfs::find_initializer(model, b.inputs[0])->dtype == qfs::DType::s32 &&
         scales_of(b) == expected;
}

inline std::vector<std::string> fusible_gemms(const qfs::OnnxModel& model) {
  std::vector<std::string> names;
  for (const qfs::OnnxNode& node : model.nodes) {
    if (node.op != "Gemm") continue;
    std::vector<const qfs::OnnxNode*> edges;
    for (const std::string& input : node.inputs) edges.push_back(dequantizer_of(model, input));
    if (std::ranges::find(edges, nullptr) != edges.end()) continue;
    if (edges.size() == 3 && !has_bias_scale(model, *edges[0], *edges[1], *edges[2])) continue;
    if (is_quantized_at_once(model, node.outputs[0])) names.push_back(node.outputs[0]);
  }
  return names;
}
// [/solution]

}  // namespace exercise

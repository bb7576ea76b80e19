// Answers to exercise 23.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch23_3_test.cpp"

// The conditions, each of which may be forgotten.
struct Conditions {
  std::vector<std::size_t> edges = {0, 1, 2};  // inputs that must come from a DequantizeLinear
  bool by_anybody = false;                     // ... or from any node
  bool one_reader = true, outputs = true, as_value = true, quantizer = true;
  bool bias_scale = true, with_s_x = true, first_scale_only = false, size = true, type = true;
};

inline bool has_right_scale(const qfs::OnnxModel& model, const Conditions& c,
                            const qfs::OnnxNode& gemm) {
  if (gemm.inputs.size() < 3) return true;
  std::vector<std::vector<float>> scales;
  const qfs::OnnxNode* bias = nullptr;
  for (const std::string& input : gemm.inputs) {
    bias = qfs::find_writer(model, input);
    if (bias == nullptr || bias->inputs.size() < 2) return true;
    const qfs::Record* scale = qfs::find_initializer(model, bias->inputs[1]);
    if (scale == nullptr) return true;
    scales.push_back(qfs::elements<float>(*scale));
  }
  const qfs::Record* integers = qfs::find_initializer(model, bias->inputs[0]);
  if (c.type && integers != nullptr && integers->dtype != qfs::DType::s32) return false;
  if (!c.bias_scale) return true;
  if (c.size && scales[1].size() != scales[2].size()) return false;
  const std::size_t count = c.first_scale_only ? 1 : std::min(scales[1].size(), scales[2].size());
  for (std::size_t n = 0; n < count; ++n)
    if (scales[2][n] != (c.with_s_x ? scales[0][0] * scales[1][n] : scales[1][n])) return false;
  return true;
}

inline bool fuses(const qfs::OnnxModel& model, const Conditions& c, const qfs::OnnxNode& gemm) {
  for (const std::size_t i : c.edges) {
    if (i >= gemm.inputs.size()) continue;
    const qfs::OnnxNode* writer = qfs::find_writer(model, gemm.inputs[i]);
    if (writer == nullptr || (!c.by_anybody && writer->op != "DequantizeLinear")) return false;
  }
  std::size_t all = 0, good = 0;
  for (const qfs::OnnxNode& node : model.nodes)
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i] == gemm.outputs[0]) {
        ++all;
        good += (!c.quantizer || node.op == "QuantizeLinear") && (!c.as_value || i == 0) ? 1 : 0;
      }
  if (good == 0 || (c.one_reader && all != 1)) return false;
  for (const qfs::OnnxValue& output : model.outputs)
    if (c.outputs && output.name == gemm.outputs[0]) return false;
  return has_right_scale(model, c, gemm);
}

inline std::vector<std::string> assemble(const Conditions& c, const qfs::OnnxModel& model) {
  std::vector<std::string> names;
  for (const qfs::OnnxNode& node : model.nodes)
    if (node.op == "Gemm" && fuses(model, c, node)) names.push_back(node.outputs[0]);
  return names;
}

#define QFS_ANSWER_23_3(space, kind, what, ...)                                \
  namespace space {                                                            \
  const Answer kAnswer = kind(what);                                           \
  namespace exercise {                                                         \
  inline std::vector<std::string> fusible_gemms(const qfs::OnnxModel& model) { \
    return assemble(__VA_ARGS__, model);                                       \
  }                                                                            \
  }

QFS_ANSWER_23_3(by_conditions, right, "condition by condition", {})
#include "tests/exercises/ch23_3_test.cpp"
}

namespace by_counting {
const Answer kAnswer = right("counts readers first, in a map, and rules out");
namespace exercise {
inline std::vector<std::string> fusible_gemms(const qfs::OnnxModel& model) {
  std::map<std::string, int> bad;  // readers other than one QuantizeLinear
  std::map<std::string, int> quantized;
  std::map<std::string, const qfs::OnnxNode*> edge;
  for (const qfs::OnnxValue& output : model.outputs) ++bad[output.name];
  for (const qfs::OnnxNode& node : model.nodes) {
    if (node.op == "DequantizeLinear") edge[node.outputs[0]] = &node;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      ++(node.op == "QuantizeLinear" && i == 0 ? quantized : bad)[node.inputs[i]];
  }
  const auto scale_of = [&](const std::string& name) {
    return qfs::elements<float>(*qfs::find_initializer(model, edge.at(name)->inputs[1]));
  };
  std::vector<std::string> names;
  for (const qfs::OnnxNode& node : model.nodes) {
    bool good = node.op == "Gemm" && bad[node.outputs[0]] == 0 && quantized[node.outputs[0]] == 1;
    for (const std::string& input : node.inputs) good = good && edge.contains(input);
    if (good && node.inputs.size() > 2) {
      const auto x = scale_of(node.inputs[0]), w = scale_of(node.inputs[1]),
                 b = scale_of(node.inputs[2]);
      good = b.size() == w.size() &&
             qfs::find_initializer(model, edge.at(node.inputs[2])->inputs[0])->dtype ==
                 qfs::DType::s32;
      for (std::size_t n = 0; good && n < b.size(); ++n) good = b[n] == x[0] * w[n];
    }
    if (good) names.push_back(node.outputs[0]);
  }
  return names;
}
}  // namespace exercise
#include "tests/exercises/ch23_3_test.cpp"
}  // namespace by_counting

QFS_ANSWER_23_3(no_look_at_x, wrong, "does not look at the first input", {.edges = {1, 2}})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(no_look_at_w, wrong, "does not look at the weight", {.edges = {0, 2}})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(no_look_at_b, wrong, "does not look at the bias", {.edges = {0, 1}})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(any_writer, wrong, "takes any node for a DequantizeLinear", {.by_anybody = true})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(many_readers, wrong, "does not count the readers", {.one_reader = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(shown, wrong, "forgets the outputs of the graph", {.outputs = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(as_a_scale, wrong, "counts a reader that takes it for a scale", {.as_value = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(any_reader, wrong, "takes any reader for a QuantizeLinear", {.quantizer = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(any_bias, wrong, "does not look at the bias's scale", {.bias_scale = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(weights_scale, wrong, "asks for the weight's scale", {.with_s_x = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(first_only, wrong, "looks at the first scale of the bias",
                {.first_scale_only = true})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(fewer_scales, wrong, "lets one scale stand for two", {.size = false})
#include "tests/exercises/ch23_3_test.cpp"
}
QFS_ANSWER_23_3(any_type, wrong, "takes a bias of 8 bits", {.type = false})
#include "tests/exercises/ch23_3_test.cpp"
}

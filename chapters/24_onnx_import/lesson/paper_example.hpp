// The example of the text: one Linear of two inputs and two outputs, small enough for paper, in
// each of the ways that ONNX has to say it. Lesson, tests and README use these numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "06_static_ptq/quantized_weight.hpp"
#include "23_onnx_export/plumbing/onnx_graph.hpp"

namespace qfs::paper_onnx {

inline constexpr std::array<float, 2> kInput = {1.5F, -2.0F};
inline constexpr QuantParams kX = {0.5F, 10}, kY = {0.25F, 100};
inline constexpr float kWeightScale = 0.25F;
inline constexpr std::array<std::int8_t, 4> kWeight = {4, -2, -7, 3};  // N x K
inline constexpr std::array<std::int32_t, 2> kBias = {8, 16};          // of scale 0.5 * 0.25

// By hand: q_x - z_x is 3, -4; the sums 12 + 8 + 8 and -21 - 12 + 16; m = 0.125 / 0.25.
inline constexpr std::array<int, 2> kQuantized = {13, 6}, kSums = {28, -17}, kOutput = {114, 92};
inline constexpr float kMultiplier = 0.5F;
static_assert(kSums[0] == 3 * 4 + -4 * -2 + 8 && kSums[1] == 3 * -7 + -4 * 3 + 16);
static_assert(kX.scale * kWeightScale / kY.scale == kMultiplier);
static_assert(kOutput[0] - 100 == 14 && 28 * kMultiplier == 14.0F);   // to the integer
static_assert(kOutput[1] - 100 == -8 && -17 * kMultiplier == -8.5F);  // to the even one
inline constexpr std::array<float, 2> kReals = {3.5F, -2.0F};

// What NumPy says, and ONNX Runtime 1.30 of all three files (tests/reference/ch24.py, paper).
enum class Spelling { qdq, qdq_s8, qoperator };

// Scale and zero point, the latter 128 less where the integers are int8.
inline std::vector<std::string> params(OnnxGraph& graph, const std::string& q, QuantParams p,
                                       bool is_signed) {
  if (!is_signed) return graph.params(q, p);
  return {graph.scalar(q + "_scale", p.scale),
          graph.scalar(q + "_zero_point", static_cast<std::int8_t>(p.zero_point - 128))};
}

// The three constants of the weight; as uint8 each is 128 more, the zero point too.
inline std::vector<std::string> weight(OnnxGraph& graph, bool as_u8) {
  const std::string scale = graph.scalar("w_scale", kWeightScale);
  if (!as_u8)
    return {graph.constant("w", std::span<const std::int8_t>(kWeight), {2, 2}), scale,
            graph.scalar("w_zero_point", std::int8_t{0})};
  std::array<std::uint8_t, 4> w{};
  for (std::size_t i = 0; i < 4; ++i) w[i] = static_cast<std::uint8_t>(kWeight[i] + 128);
  return {graph.constant("w", std::span<const std::uint8_t>(w), {2, 2}), scale,
          graph.scalar("w_zero_point", std::uint8_t{128})};
}

inline std::vector<std::string> before(const std::string& first, std::vector<std::string> more) {
  more.insert(more.begin(), first);
  return more;
}

// qdq: Gemm between DequantizeLinear and QuantizeLinear. qdq_s8: the same with int8 activations
// and uint8 weights. qoperator: QGemm.
inline OnnxModel make_model(Spelling spelling) {
  const bool s8 = spelling == Spelling::qdq_s8;
  OnnxGraph graph;
  const auto x = params(graph, "q", kX, s8), y = params(graph, "y", kY, s8);
  const auto w = weight(graph, s8);
  const std::string b = graph.constant("b", std::span<const std::int32_t>(kBias), {2});
  graph.node("QuantizeLinear", before("x", x), {"q"});
  if (spelling == Spelling::qoperator) {
    graph.node("QGemm", {"q", x[0], x[1], w[0], w[1], w[2], b, y[0], y[1]}, {"y"},
               {{"transB", std::int64_t{1}}}, kMicrosoft);
  } else {
    graph.node("DequantizeLinear", before("q", x), {"q_real"});
    graph.node("DequantizeLinear", w, {"w_real"});
    graph.node("DequantizeLinear", {b, graph.scalar("b_scale", kX.scale * kWeightScale)},
               {"b_real"});
    graph.node("Gemm", {"q_real", "w_real", "b_real"}, {"sum"}, {{"transB", std::int64_t{1}}});
    graph.node("QuantizeLinear", before("sum", y), {"y"});
  }
  graph.node("DequantizeLinear", before("y", y), {"logits"});
  graph.model.inputs = {{"x", DType::f32, {std::nullopt, 2}}};
  graph.model.outputs = {{"logits", DType::f32, {std::nullopt, 2}}};
  return graph.model;
}

}  // namespace qfs::paper_onnx

// The example of the text: one weight in two bits, one hidden activation in two bits, two pictures
// of one pixel. Every number was worked out by hand; a test compares them with PyTorch's
// (tests/reference/ch09.py, paper).
#pragma once

#include <array>

#include "09_qat/qat_linear.hpp"

namespace qfs::paper_qat {

inline constexpr QuantRange kWeightIntegers = signed_range(2);    // -2..1
inline constexpr QuantRange kHiddenIntegers = unsigned_range(2);  // 0..3
inline constexpr std::array<float, 2> kX = {1.125F, 2.0F}, kTarget = {0.5F, 2.5F};
inline constexpr float kWeight = 0.75F, kWeightScale = 1.0F, kHiddenScale = 0.5F;
inline constexpr float kLearningRate = 0.125F;

// What one pass leaves: w, s_w, s_h; w' and y; h'; the loss; the gradients of w, s_w and s_h.
struct Pass {
  double w, s_w, s_h, w_fake;
  std::array<double, 2> y, h;
  double loss, dw, ds_w, ds_h;
};

// Before the step. t = 0.75, r = 1, w' = 1. y / s_h = 2.25 and 4: r = 2, and 4 clamped to 3.
// dL/dh' = (0.5, -1), mask (1, 0); dL/dw = 0.5 * 1.125.
// dL/ds_w = 0.5625 (1 - 0.75); dL/ds_h = (0.5 (2 - 2.25) - 1 * 3) / sqrt(3).
inline constexpr Pass kBefore = {0.75,       1.0,   0.5,    1.0,      {1.125, 2.0},
                                 {1.0, 1.5}, 0.625, 0.5625, 0.140625, -1.8042};

// After it: w moved by 1/8, each scale by 1/8 of what it started from, against their gradients.
// y / s_h = 1.75 and 3.11: r = 2 and 3, nothing is clamped any more.
// dL/dh' = (0.625, -0.8125); dL/dw = 0.625 * 1.125 - 0.8125 * 2; w / s_w = 0.7143:
// dL/ds_w = -0.921875 (1 - 0.7143); dL/ds_h = (0.625 * 0.25 - 0.8125 (3 - 3.1111)) / sqrt(3).
inline constexpr Pass kAfter = {0.625,           0.875,   0.5625,    0.875,    {0.984375, 1.75},
                                {1.125, 1.6875}, 0.52539, -0.921875, -0.26339, 0.14233};

// The same by PyTorch 1.13, to seven digits.
inline constexpr Pass kBeforeByPyTorch = {0.75,       1.0,   0.5,    1.0,      {1.125, 2.0},
                                          {1.0, 1.5}, 0.625, 0.5625, 0.140625, -1.8042196};
inline constexpr Pass kAfterByPyTorch = {
    0.625,           0.875,     0.5625,    0.875,      {0.984375, 1.75},
    {1.125, 1.6875}, 0.5253906, -0.921875, -0.2633929, 0.1423329};

inline QatLinear make_layer() {
  QatLinear layer;
  layer.real = {
      .weight = {{kWeight}}, .bias = {0.0F}, .weight_gradient = {{0.0F}}, .bias_gradient = {0.0F}};
  layer.fake = layer.real;
  layer.weight = {.range = kWeightIntegers, .source = ScaleSource::learned};
  layer.weight.params = {{kWeightScale, 0}};
  layer.weight.learned.start({kWeightScale});
  layer.weight.gradient_factor = lsq_gradient_factor(1, kWeightIntegers);  // 1
  layer.output = {.range = kHiddenIntegers, .source = ScaleSource::learned};
  layer.output.params = {{kHiddenScale, 0}};
  layer.output.learned.start({kHiddenScale});
  layer.output.gradient_factor = lsq_gradient_factor(1, kHiddenIntegers);  // 1 / sqrt(3)
  return layer;
}

// Forward, loss (half the squared distance from the target, summed), backward.
inline Pass pass(QatLinear& layer) {
  QatBuffers buffers;
  const Matrix<float> x = {{kX[0]}, {kX[1]}};
  qat_forward(layer, x, true, buffers);
  buffers.gradient = buffers.after;
  Pass result{};
  for (std::size_t m = 0; m < 2; ++m) {
    result.y[m] = static_cast<double>(buffers.before(m, 0));
    result.h[m] = static_cast<double>(buffers.after(m, 0));
    const float distance = buffers.after(m, 0) - kTarget[m];
    buffers.gradient(m, 0) = distance;
    result.loss += static_cast<double>(distance * distance / 2.0F);
  }
  qat_backward(layer, x, buffers, nullptr);
  result.w = static_cast<double>(layer.real.weight(0, 0));
  result.s_w = static_cast<double>(layer.weight.params[0].scale);
  result.s_h = static_cast<double>(layer.output.params[0].scale);
  result.w_fake = static_cast<double>(layer.fake.weight(0, 0));
  result.dw = static_cast<double>(layer.real.weight_gradient(0, 0));
  result.ds_w = static_cast<double>(layer.weight.learned.ratio_gradient[0] / kWeightScale);
  result.ds_h = static_cast<double>(layer.output.learned.ratio_gradient[0] / kHiddenScale);
  return result;
}

// What Adam moves here: the weight and both ratios; the bias stays 0.
inline std::vector<ParamView> parameters(QatLinear& layer) {
  Linear& real = layer.real;
  LearnedScales &u_w = layer.weight.learned, &u_h = layer.output.learned;
  return {{"w", shape_of(real.weight), values(real.weight), values(real.weight_gradient)},
          {"u_w", {1}, u_w.ratio, u_w.ratio_gradient},
          {"u_h", {1}, u_h.ratio, u_h.ratio_gradient}};
}

}  // namespace qfs::paper_qat

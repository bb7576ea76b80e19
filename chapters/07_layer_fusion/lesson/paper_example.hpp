// The example of the text: layer 1 of chapter 06's paper net, whose sums are known, with a ReLU
// behind it, in four bits. Every integer was worked out by hand; a test compares the outputs with
// PyTorch's (tests/reference/ch07.py).
#pragma once

#include <array>

#include "06_static_ptq/quantized_net.hpp"

namespace qfs::paper_fusion {

inline constexpr QuantRange kFourBits = unsigned_range(4);

// The inputs q_x = [3, 9] and [10, 2] of scale 0.25 and zero point 4, and the reals they stand for.
inline const Matrix<float> kRealInput = {{-0.25F, 1.25F}, {1.5F, -0.5F}};

// Before the ReLU the layer gives reals in [-3.75, 3.75]: s = 7.5 / 15, z = round(3.75 / 0.5) = 8.
// After it, in [0, 3.75]: s = 3.75 / 15, z = 0.
inline constexpr Interval kBeforeRelu = {-3.75F, 3.75F};
inline constexpr Interval kAfterRelu = {0.0F, 3.75F};
inline constexpr QuantParams kUnfused = {0.5F, 8};
inline constexpr QuantParams kFused = {0.25F, 0};

// One step of a sum is s_x s_w = 0.25 * 0.25 = 1/16.
inline constexpr std::array<int, 4> kAcc = {-6, 38, 36, -32};
inline constexpr std::array<float, 4> kReal = {-0.375F, 2.375F, 2.25F, -2.0F};

// Without fusion, m = (1/16) / 0.5 = 1/8: 8 + round of -0.75, 4.75, 4.5, -4; then max(q, 8).
inline constexpr std::array<int, 4> kLinear = {7, 13, 12, 4};
inline constexpr std::array<int, 4> kRelu = {8, 13, 12, 8};
inline constexpr std::array<float, 4> kUnfusedReal = {0.0F, 2.5F, 2.0F, 0.0F};

// Fused with the same parameters: the clamp starts at 8.
inline constexpr std::array<int, 4> kSameParams = kRelu;

// Fused with its own, m = (1/16) / 0.25 = 1/4: round of -1.5, 9.5, 9, -8, clamped to 0..15.
inline constexpr std::array<int, 4> kOwnParams = {0, 10, 9, 0};
inline constexpr std::array<float, 4> kFusedReal = {0.0F, 2.5F, 2.25F, 0.0F};

// PyTorch's qnnpack engine: Linear then ReLU, and its LinearReLU with either pair of parameters.
inline constexpr std::array<int, 4> kReluByPyTorch = {8, 13, 12, 8};
inline constexpr std::array<int, 4> kSameParamsByPyTorch = {8, 13, 12, 8};
inline constexpr std::array<int, 4> kOwnParamsByPyTorch = {0, 10, 9, 0};

// Linear and ReLU; the output of both has `output`. Tensors: 0 reals, 1 q_x, 2 linear, 3 relu.
inline QuantizedNet make_net(QuantParams output) {
  QuantizedNet net{.tensors = {{{2}, DType::f32}}};
  std::size_t x = add_quantize(net, 0, {0.25F, 4}, kFourBits);
  const Vector<float> bias = {0.5F, 1.0F};  // 8 and 16 sixteenths
  x = add_linear(net, x, {{{4, -2}, {-7, 3}}, {0.25F}}, values(bias), output, kFourBits);
  x = add_relu(net, x);
  add_dequantize(net, x);
  return net;
}

}  // namespace qfs::paper_fusion

// The net of the text, small enough for paper: chapter 06's first layer alone, two inputs and two
// outputs, with 8 bits, and what every node of its QDQ graph writes. All scales are powers of two,
// so float32 is exact throughout. NumPy gives the same (tests/reference/ch23.py, save_paper).
#pragma once

#include <array>

#include "06_static_ptq/quantized_net.hpp"

namespace qfs::paper_onnx {

inline constexpr QuantParams kX = {0.25F, 4}, kY = {0.5F, 6};
inline constexpr float kWeightScale = 0.25F;
inline constexpr float kBiasScale = 0.0625F;  // s_x s_w (eq. 23.3)
static_assert(kX.scale * kWeightScale == kBiasScale);

// By hand, for two rows of x.
inline const Matrix<float> kInput = {{-0.25F, 1.25F}, {1.5F, -0.5F}};
inline constexpr std::array<int, 4> kQ = {3, 9, 10, 2};                            // x / 0.25 + 4
inline constexpr std::array<float, 4> kRealWeight = {1.0F, -0.5F, -1.75F, 0.75F};  // 0.25 q_w
inline constexpr std::array<float, 2> kRealBias = {0.5F, 1.0F};  // 0.0625 * (8, 16)
inline constexpr std::array<float, 4> kGemm = {-0.375F, 2.375F, 2.25F, -2.0F};
// 6 + round(y / 0.5): -0.75, 4.75, 4.5, -4
inline constexpr std::array<int, 4> kOutput = {5, 11, 10, 2};
// The same in integers: sum (q_x - 4) q_w + q_b. A sixteenth of each is what Gemm writes
// (eq. 23.4).
inline constexpr std::array<int, 4> kSum = {-6, 38, 36, -32};
static_assert(kSum[0] == (3 - 4) * 4 + (9 - 4) * -2 + 8 &&
              kSum[1] == (3 - 4) * -7 + (9 - 4) * 3 + 16);
static_assert(kSum[2] == (10 - 4) * 4 + (2 - 4) * -2 + 8 &&
              kSum[3] == (10 - 4) * -7 + (2 - 4) * 3 + 16);
static_assert(kBiasScale * kSum[0] == kGemm[0] && kBiasScale * kSum[1] == kGemm[1] &&
              kBiasScale * kSum[2] == kGemm[2] && kBiasScale * kSum[3] == kGemm[3]);

inline QuantizedNet make_net() {
  QuantizedNet net{.tensors = {{{2}, DType::f32}}};
  const Vector<float> bias = {0.5F, 1.0F};  // 8 and 16 sixteenths
  std::size_t x = add_quantize(net, 0, kX, unsigned_range(8));
  x = add_linear(net, x, {{{4, -2}, {-7, 3}}, {kWeightScale}}, values(bias), kY, unsigned_range(8));
  add_dequantize(net, x);
  return net;
}

}  // namespace qfs::paper_onnx

// The examples on paper: every number of the text, computed by the compiler.
#pragma once

#include <array>
#include <cstdint>

#include "01_affine_math/affine.hpp"

namespace qfs::ch21 {

// A convolution that sees two numbers, and the batch norm behind it: sqrt(3.75 + 0.25) = 2.
inline constexpr std::array<float, 2> kW = {0.5F, -0.25F}, kSeen = {4.0F, 2.0F};
inline constexpr float kGamma = 3.0F, kBeta = 0.5F, kMean = 1.0F, kVariance = 3.75F, kEps = 0.25F;
inline constexpr float kG = kGamma / 2.0F;
static_assert(kG == 1.5F);
static_assert(kW[0] * kG == 0.75F && kW[1] * kG == -0.375F);  // (eq. 21.1)
static_assert(kBeta + (0.0F - kMean) * kG == -1.0F);          // (eq. 21.2)
inline constexpr float kConvolved = kW[0] * kSeen[0] + kW[1] * kSeen[1];
static_assert(kConvolved == 1.5F);
inline constexpr float kNormed = kGamma * (kConvolved - kMean) / 2.0F + kBeta;
static_assert(kNormed == 1.25F);
static_assert(0.75F * kSeen[0] - 0.375F * kSeen[1] - 1.0F == kNormed);

// A picture of 3 x 3 pixels, scale 0.5 and zero point 2, and a window of 3 x 3 with a border of 1.
inline constexpr std::array<std::uint8_t, 9> kPicture = {4, 2, 6, 0, 6, 2, 2, 4, 10};
inline constexpr std::array<std::int8_t, 9> kWindow = {1, 0, -1, 2, 1, 0, 0, -1, 3};
inline constexpr QuantParams kPictureParams{0.5F, 2}, kOutputParams{0.5F, 1};
inline constexpr float kWindowScale = 0.25F, kBias = 0.5F, kMultiplier = 0.25F;
inline constexpr std::int32_t kQBias = 4;
static_assert(kBias / (kPictureParams.scale * kWindowScale) == static_cast<float>(kQBias));
static_assert(kPictureParams.scale * kWindowScale / kOutputParams.scale == kMultiplier);

// The sum of (q_x - z_x) q_w at the place (row, column), with `border` around the picture.
constexpr std::int32_t paper_sum(int row, int column, std::int32_t border) {
  std::int32_t sum = 0;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      const int y = row + i - 1, x = column + j - 1;
      const bool inside = y >= 0 && y < 3 && x >= 0 && x < 3;
      const std::int32_t q = inside ? kPicture[static_cast<std::size_t>(y * 3 + x)] : border;
      sum += (q - kPictureParams.zero_point) * kWindow[static_cast<std::size_t>(i * 3 + j)];
    }
  return sum;
}
static_assert(paper_sum(1, 1, 2) == 20);  // the middle: no border in sight
static_assert(paper_sum(0, 0, 2) == 16);  // the corner, the border being the zero point
static_assert(paper_sum(0, 0, 0) == 12);  // the border being 0: 2 steps too low, times 0 + 2
static_assert((20 + kQBias) / 4 + 1 == 7 && (16 + kQBias) / 4 + 1 == 6 &&
              (12 + kQBias) / 4 + 1 == 5);

// 4 + 1.5 of two scales, in a third of 1: r_a = 0.5, r_b = 0.25.
inline constexpr QuantParams kA{0.5F, 1}, kB{0.25F, 4}, kSum{1.0F, 3};
inline constexpr std::uint8_t kQa = 9, kQb = 10;
static_assert((kQa - kA.zero_point) * 0.5F == 4.0F && (kQb - kB.zero_point) * 0.25F == 1.5F);
inline constexpr float kOffset = 3.0F - (0.5F * 1 + 0.25F * 4);  // (eq. 21.9)
static_assert(kOffset == 1.5F);
static_assert(0.5F * kQa + (0.25F * kQb + kOffset) == 8.5F);  // ONNX Runtime: to even, 8
// qnnpack: 5.5 in steps of 2^-22, half away from 0: 6, and the zero point makes it 9 (eq. 21.11).
static_assert((1 << 21) * (kQa - 1) + (1 << 20) * (kQb - 4) == 11 << 21);

// Four numbers of scale 0.5 and zero point 2; their mean in steps of 0.25: 4.5, to even.
inline constexpr std::array<std::uint8_t, 4> kFour = {3, 7, 6, 1};
inline constexpr QuantParams kFourParams{0.5F, 2}, kMeanParams{0.25F, 0};
static_assert(3 + 7 + 6 + 1 - 4 * 2 == 9);
static_assert(0.5F / (0.25F * 4) == 0.5F && 9 * 0.5F == 4.5F);  // (eq. 21.7, 21.8)

}  // namespace qfs::ch21

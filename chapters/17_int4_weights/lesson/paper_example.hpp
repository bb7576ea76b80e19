// The example on paper: one output of eight inputs, in two groups of four. Asserted by section 1
// and by the tests.
#pragma once

#include <array>
#include <cstdint>

#include "01_affine_math/affine.hpp"
#include "common/tensor.hpp"

namespace qfs::ch17::paper {

inline constexpr std::size_t kGroupSize = 4;
inline constexpr std::array<float, 8> kWeights = {7.5F, -3.0F,    1.0F,  0.0F,
                                                  0.6F, -0.9375F, 0.25F, 0.5F};

// Group 0: max |w| = 7.5, scale 7.5 / 7.5 = 1. Group 1: 0.9375 / 7.5 = 0.125. Both are float16.
inline constexpr std::array<float, 2> kScales = {1.0F, 0.125F};
// 7.5 is 7.5 steps, rounded to the even 8, clamped to 7; 0.6 is 4.8 steps; -0.9375 is -7.5: -8.
inline constexpr std::array<std::int8_t, 8> kIntegers = {7, -3, 1, 0, 5, -8, 2, 4};
// With the one scale 1 for all eight, group 1 is 0.6, -0.9375, 0.25 and 0.5 steps: 1, -1, 0, 0.
inline constexpr std::array<std::int8_t, 8> kIntegersOfOneScale = {7, -3, 1, 0, 1, -1, 0, 0};
// Codes q + 8: 15 5 9 8 | 13 0 10 12; two to a byte, the first one low.
inline constexpr std::array<std::uint8_t, 4> kBytes = {0x5F, 0x89, 0x0D, 0xCA};

inline constexpr QuantParams kInput = {0.5F, 10};
inline constexpr std::array<std::uint8_t, 8> kInputs = {12, 10, 20, 0, 14, 10, 30, 11};
// Sums of products: 84 - 30 + 20 + 0 = 74, 70 - 80 + 60 + 44 = 94. Sums of weights: 5, 3.
inline constexpr std::array<std::int32_t, 2> kProducts = {74, 94};
inline constexpr std::array<std::int32_t, 2> kWeightSums = {5, 3};
// Less 10 times those: 24, 64.
inline constexpr std::array<std::int32_t, 2> kSums = {24, 64};
inline constexpr float kBias = 1.0F;
inline constexpr float kOutput = 17.0F;  // 0.5 (1 * 24 + 0.125 * 64) + 1
static_assert(kInput.scale * (kScales[0] * 24.0F + kScales[1] * 64.0F) + kBias == kOutput);
// With one scale: 0.5 (14 + 0 + 10 + 0 + 4 + 0 + 0 + 0) + 1.
inline constexpr float kOutputOfOneScale = 15.0F;
// The reals themselves: x = 1 0 5 -5 2 0 10 0.5 times w, and 1, is 17.45.
inline constexpr float kExact = 17.45F;
constexpr double real_output() {
  double y = kBias;
  for (std::size_t k = 0; k < kWeights.size(); ++k)
    y += double{kInput.scale} * (kInputs[k] - kInput.zero_point) * kWeights[k];
  return y;
}
static_assert(static_cast<float>(real_output()) == kExact);

inline Matrix<float> weight() {
  auto w = make_tensor<float>({1, kWeights.size()});
  std::ranges::copy(kWeights, values(w).begin());
  return w;
}
inline Matrix<std::uint8_t> inputs() {
  auto x = make_tensor<std::uint8_t>({1, kInputs.size()});
  std::ranges::copy(kInputs, values(x).begin());
  return x;
}

}  // namespace qfs::ch17::paper

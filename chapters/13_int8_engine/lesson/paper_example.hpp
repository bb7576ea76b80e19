// The example on paper: eight sums, all but one of them on a tie. Asserted by section 2 and by the
// tests.
#pragma once

#include <array>
#include <cstdint>

#include "01_affine_math/affine.hpp"

namespace qfs::ch13::paper {

inline constexpr float kMultiplier = 0.0625F;  // 1 / 16, so that every step below is exact
inline constexpr std::int32_t kZeroPoint = 10;
inline constexpr QuantRange kRange = {10, 255};  // a ReLU is in it: nothing below the zero point

inline constexpr std::array<std::int32_t, 8> kSums = {8, 24, 40, -8, 100, 3000, 5000, -5000};
// Times m: 0.5, 1.5, 2.5, -0.5, 6.25, 187.5, 312.5, -312.5. Halves to even, clamped to 0..245:
inline constexpr std::array<std::int32_t, 8> kRounded = {0, 2, 2, 0, 6, 188, 245, 0};
inline constexpr std::array<std::uint8_t, 8> kOutputs = {10, 12, 12, 10, 16, 198, 255, 10};

}  // namespace qfs::ch13::paper

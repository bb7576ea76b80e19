// The example of the text, small enough for paper: six reals in four bits. The columns were worked
// out by hand; a test compares them with PyTorch's output (tests/reference/ch01.py).
#pragma once

#include <array>
#include <cstdint>

#include "01_affine_math/affine.hpp"

namespace qfs::ch01::paper {

inline constexpr QuantRange kRange = unsigned_range(4);
inline constexpr std::array<float, 6> kX = {-1.0F, -0.33F, 0.0F, 0.5F, 1.1F, 2.0F};

// s = (2 - (-1)) / 15 = 0.2 and z = 0 - round(-1 / 0.2) = 5.
inline constexpr float kScale = 0.2F;
inline constexpr std::int32_t kZeroPoint = 5;
// round(x / s): -5, -1.65 -> -2, 0, 2.5 -> 2 (to even), 5.5 -> 6 (to even), 10; then + 5.
inline constexpr std::array<std::int32_t, 6> kByHand = {0, 3, 5, 7, 11, 15};
inline constexpr std::array<std::int32_t, 6> kByPyTorch = {0, 3, 5, 7, 11, 15};

}  // namespace qfs::ch01::paper

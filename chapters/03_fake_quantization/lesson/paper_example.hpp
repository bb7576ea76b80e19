// The pencil-sized example of the text: seven reals in four unsigned bits, and a gradient that
// comes back. A test compares the last two arrays with PyTorch (tests/reference/ch03.py).
#pragma once

#include <array>

#include "01_affine_math/affine.hpp"

namespace qfs::ch03::paper {

// The reals from 0.25 * (0 - 5) = -1.25 to 0.25 * (15 - 5) = 2.5, in steps of a quarter.
inline constexpr QuantRange kRange = unsigned_range(4);
inline constexpr float kScale = 0.25F;
inline constexpr std::int32_t kZeroPoint = 5;
inline constexpr QuantParams kParams{kScale, kZeroPoint};

// A tie (0.375 is 1.5 steps), one just above the largest real but nearest to it (2.6), one beyond
// (2.7), one below the smallest, and zero.
inline constexpr std::array<float, 7> kX = {0.4F, -0.6F, 0.375F, 2.6F, 2.7F, -1.5F, 0.0F};
inline constexpr std::array<float, 7> kDy = {1.0F, -2.0F, 0.5F, 1.0F, 1.0F, -3.0F, 2.0F};

// By hand: x / s = 1.6, -2.4, 1.5, 10.4, 10.8, -6, 0; rounded 2, -2, 2, 10, 11, -6, 0; in range
// from -5 to 10; times 0.25.
inline constexpr std::array<float, 7> kYByHand = {0.5F, -0.5F, 0.5F, 2.5F, 2.5F, -1.25F, 0.0F};
inline constexpr std::array<float, 7> kDxByHand = {1.0F, -2.0F, 0.5F, 1.0F, 0.0F, 0.0F, 2.0F};

// torch.fake_quantize_per_tensor_affine, forward and backward.
inline constexpr std::array<float, 7> kYByPyTorch = {0.5F, -0.5F, 0.5F, 2.5F, 2.5F, -1.25F, 0.0F};
inline constexpr std::array<float, 7> kDxByPyTorch = {1.0F, -2.0F, 0.5F, 1.0F, 0.0F, 0.0F, 2.0F};

}  // namespace qfs::ch03::paper

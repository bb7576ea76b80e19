// The example of the text, small enough for paper: a 2 x 4 input and three outputs of four weights,
// all in four bits. The sums and the outputs were worked out by hand, and a test compares both with
// the ones of PyTorch (tests/reference/ch02.py).
#pragma once

#include <array>
#include <cstdint>

#include "01_affine_math/affine.hpp"
#include "common/tensor.hpp"

namespace qfs::ch02::paper {

inline const Matrix<float> kX = {{-1.5F, 0.4F, 2.1F, 6.0F}, {1.2F, 0.0F, 3.6F, -0.8F}};
inline const Matrix<float> kW = {
    {0.5F, -0.1F, 1.3F, 0.2F}, {1.75F, 0.0F, 0.6F, -0.125F}, {0.1F, 0.9F, 0.25F, 1.0F}};
inline constexpr std::array<float, 3> kBias = {0.3F, -1.0F, 0.55F};

// x: [-1.5, 6] in 15 steps of 0.5, zero at 0 + 3. w: [-0.125, 1.75] in 15 steps of 0.125, zero at
// -8 + 1; or, symmetric, 1.75 in 7 steps of 0.25. y: 15 steps of 0.75 from -2.25 to 9.
inline constexpr QuantRange kUnsigned = unsigned_range(4), kSigned = signed_range(4);
inline constexpr QuantRange kNarrow = narrow_range(4);
inline constexpr QuantParams kXParams = {0.5F, 3}, kAffineW = {0.125F, -7},
                             kSymmetricW = {0.25F, 0};
inline constexpr QuantParams kYParams = {0.75F, 3};

// Row-major, 2 x 3.
inline constexpr std::array<std::int32_t, 6> kAffineAcc = {56, -50, 117, 79, 49, 9};
inline constexpr std::array<std::int32_t, 6> kAffineByHand = {8, 0, 13, 10, 7, 4};
inline constexpr std::array<std::int32_t, 6> kAffineByPyTorch = {8, 0, 13, 10, 7, 4};
inline constexpr std::array<std::int32_t, 6> kSymmetricAcc = {28, -21, 60, 39, 20, 3};
inline constexpr std::array<std::int32_t, 6> kSymmetricByHand = {8, 0, 13, 9, 6, 3};
inline constexpr std::array<std::int32_t, 6> kSymmetricByPyTorch = {8, 0, 13, 9, 6, 3};

}  // namespace qfs::ch02::paper

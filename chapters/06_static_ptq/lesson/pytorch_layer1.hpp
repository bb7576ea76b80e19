// What PyTorch's qnnpack engine has for layer 1 of the first test digit: copied from the output of
// tests/reference/ch06.py, with which a test compares it.
#pragma once

#include <array>

#include "01_affine_math/affine.hpp"

namespace qfs::pytorch {

inline constexpr QuantParams kInput = {0.0127282338F, 33};
inline constexpr float kWeightScale = 0.0025525107F;
inline constexpr QuantParams kOutput = {0.209911957F, 164};
// clang-format off
inline constexpr std::array<int, 100> kLayer1 = {
    144, 190, 156, 155, 159, 153, 175, 205, 195, 174, 160, 176, 145, 163, 137, 164, 162, 170, 173, 161,
    196, 168, 176, 145, 174, 204, 167, 153, 144, 145, 146, 160, 195, 176, 161, 175, 201, 131, 207, 148,
    179, 150, 132, 189, 109, 155, 155, 152, 125, 174, 149, 146, 153, 155, 153, 149, 147, 175, 163, 151,
    149, 158, 188, 153, 183, 177, 129, 158, 162, 136, 159, 159, 182, 184, 149, 150, 179, 132, 150, 140,
    179, 168, 201, 143, 169, 155, 199, 184, 152, 156, 179, 179, 147, 107, 145, 171, 138, 182, 142, 206,
};
// clang-format on

}  // namespace qfs::pytorch

// The example of the text: three batches of one tensor, two observers. The columns were worked out
// by hand; a test compares them with PyTorch's observers (tests/reference/ch05.py).
#pragma once

#include <array>

#include "01_affine_math/affine.hpp"

namespace qfs::ch05::paper {

inline constexpr std::array<std::array<float, 3>, 3> kBatches = {{
    {-1.0F, 0.25F, 3.0F},
    {-2.0F, 1.0F, 5.0F},
    {0.5F, 0.75F, 1.0F},
}};

// Min-max: every new extreme counts, and stays.
inline constexpr std::array<Interval, 3> kMinMax = {{{-1.0F, 3.0F}, {-2.0F, 5.0F}, {-2.0F, 5.0F}}};

// Moving average, c = 0.5. Batch 2: -1 + 0.5 (-2 + 1) = -1.5 and 3 + 0.5 (5 - 3) = 4.
// Batch 3: -1.5 + 0.5 (0.5 + 1.5) = -0.5 and 4 + 0.5 (1 - 4) = 2.5.
inline constexpr float kConstant = 0.5F;
inline constexpr std::array<Interval, 3> kMovingAverage = {
    {{-1.0F, 3.0F}, {-1.5F, 4.0F}, {-0.5F, 2.5F}}};

// Seven bits, 0 to 127. Min-max: s = 7 / 127, z = round(2 * 127 / 7) = round(36.29) = 36.
// Moving average: s = 3 / 127, z = round(0.5 * 127 / 3) = round(21.17) = 21.
inline constexpr QuantParams kMinMaxParams = {7.0F / 127.0F, 36};
inline constexpr QuantParams kMovingAverageParams = {3.0F / 127.0F, 21};

}  // namespace qfs::ch05::paper

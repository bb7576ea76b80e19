// The example of the text: 0.3 in nine formats, in a block whose largest magnitude is that of -1.
// The column was worked out by hand; a test compares it with NumPy's and PyTorch's
// (tests/reference/ch19.py, paper).
#pragma once

#include <array>

namespace qfs::ch19::paper {

inline constexpr std::array<float, 4> kBlock = {0.3F, -1.0F, 0.5F, 0.0F};

// The scale, what is rounded (0.3 over the scale), its neighbours among the code points, and what
// 0.3 becomes; the last as NumPy's and PyTorch's float32 too.
struct ByHand {
  const char* format;
  double scale, scaled, below, above, becomes;
  float by_numpy;
};

// float16: 0.3 = 1.2 * 2^-2, the step is 2^-12: 1228.8 steps, so 1228 or 1229.
// E4M3: the step is 2^-2 / 8 = 0.03125: 9.6 steps, so 9 or 10. E5M2: 2^-2 / 4 = 0.0625: 4.8 steps.
// Q8_0: d = 1/127, 38.1 steps; stored as float16 it is 0.0078735. int4: s = 1/7, 2.1 steps.
// Q4_0: d = -1/-8 = 0.125, 2.4 steps. NF4: the midpoint of its two points is 0.2920.
// E2M1: s = 1/6, as float16 0.16663, 0.3 / s = 1.8004. MXFP4: X = 2^(0 - 2), 0.3 / X = 1.2.
inline constexpr std::array<ByHand, 9> kByHand = {{
    {"float16", 1.0, 0.3, 0.2998, 0.3000, 0.3000, 0.300048828F},
    {"E4M3", 1.0, 0.3, 0.28125, 0.3125, 0.3125, 0.3125F},
    {"E5M2", 1.0, 0.3, 0.25, 0.3125, 0.3125, 0.3125F},
    {"Q8_0", 0.0079, 38.1, 38.0, 39.0, 0.2992, 0.299194336F},
    {"int4", 0.1429, 2.1, 2.0, 3.0, 0.2857, 0.285714298F},
    {"Q4_0", 0.125, 2.4, 2.0, 3.0, 0.25, 0.25F},
    {"NF4", 1.0, 0.3, 0.2461, 0.3379, 0.3379, 0.337915242F},
    {"E2M1", 0.1666, 1.8004, 1.5, 2.0, 0.3333, 0.333251953F},
    {"MXFP4", 0.25, 1.2, 1.0, 1.5, 0.25, 0.25F},
}};

}  // namespace qfs::ch19::paper

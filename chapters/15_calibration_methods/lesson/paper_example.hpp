// The example of the text: 29 magnitudes in eight bins of width 1, 90 % of them, two levels for the
// divergence, four for the squared error. Worked out by hand; a test compares with NumPy.
#pragma once

#include <array>
#include <cmath>

#include "15_calibration_methods/histogram.hpp"

namespace qfs::ch15::paper {

inline const Histogram kHistogram = {.width = 1.0, .counts = {9, 8, 4, 4, 2, 1, 0, 1}};

// 90 % of 29 is 26.1. Up to and with bins 3 and 4 there are 25 and 27: bin 4, left edge 4.
inline constexpr double kPercent = 90.0, kPercentile = 4.0;

// Bin 0 counts like bin 1: 8 8 4 4 2 1 0 1, together 28. For every i = 4 ... 8: how many are
// inside, the sum of P ln(P / Q), and the divergence ln(inside / 28) + sum / 28.
struct Clip {
  std::size_t i;
  double inside, sum, divergence;
};
inline constexpr std::size_t kLevels = 2;
inline constexpr std::array<Clip, 5> kClips = {{
    {4, 24.0, 5.5452, 0.0439},      // Q = 8 8 4 4, P = 8 8 4 8: 8 ln(8/4)
    {5, 26.0, 3.1753, 0.0393},      // Q = 20/3 three times, 3 twice; P = 8 8 4 4 4
    {6, 27.0, 2.4132, 0.0498},      // Q = 20/3 three times, 7/3 three times; P = 8 8 4 4 2 2
    {7, 27.0, HUGE_VAL, HUGE_VAL},  // bin 6 is empty, and the outlier falls into it
    {8, 28.0, 1.5948, 0.0570},      // Q = 6 four times, 4/3 three times; P = 8 8 4 4 2 1 0 1
}};
inline constexpr std::size_t kBestClip = 5;

// Thresholds at the centres 4.5 to 7.5, three steps to T: the sum of squared errors by bins 0, 1,
// 2, ...: with T = 4.5 (a step of 1.5) 9 * 0.25 + 0 + 1 + 1 + 0 + 1 + 0 + 9.
struct Rounded {
  double threshold, sum;
};
inline constexpr std::size_t kSteps = 3;
inline constexpr std::array<Rounded, 4> kRounded = {{
    {4.5, 14.25},    // 2.25 + 0      + 1      + 1      + 0      + 1 + 9
    {5.5, 10.4167},  // 2.25 + 0.8889 + 1.7778 + 0.1111 + 1.3889 + 0 + 4
    {6.5, 11.0833},  // 2.25 + 3.5556 + 0.4444 + 2.7778 + 0.0556 + 1 + 1
    {7.5, 15.0},     // 2.25 + 8      + 0      + 4      + 0.5    + 0.25 + 0
}};
inline constexpr double kBestThreshold = 5.5;

}  // namespace qfs::ch15::paper

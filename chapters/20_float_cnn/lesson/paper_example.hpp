// The example of the text: a 4 x 4 picture, one 3 x 3 kernel, batch norm without epsilon, ReLU, the
// mean of what is left. The columns were worked out by hand; a test compares them with PyTorch
// (tests/reference/ch20.py, save_paper).
#pragma once

#include <array>

namespace qfs::ch20::paper {

inline constexpr std::array<int, 16> kPicture = {0, 0, 2, 1,  //
                                                 1, 1, 2, 1,  //
                                                 1, 2, 0, 0,  //
                                                 0, 0, 1, 0};
inline constexpr std::array<int, 9> kKernel = {1, 0, -1,  //
                                               2, 0, -2,  //
                                               1, 0, -1};

// Each place: left column 1 2 1 minus right column 1 2 1. (0 + 2 + 1) - (2 + 4 + 0) = -3;
// (0 + 2 + 2) - (1 + 2 + 0) = 1; (1 + 2 + 0) - (2 + 0 + 1) = 0; (1 + 4 + 0) - (1 + 0 + 0) = 4.
inline constexpr std::array<int, 4> kY = {-3, 1, 0, 4};

constexpr int convolved(int row, int column) {
  int sum = 0;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      sum += kKernel[static_cast<std::size_t>(3 * i + j)] *
             kPicture[static_cast<std::size_t>(4 * (row + i) + column + j)];
  return sum;
}
static_assert(convolved(0, 0) == kY[0] && convolved(0, 1) == kY[1] && convolved(1, 0) == kY[2] &&
              convolved(1, 1) == kY[3]);

// Mean 2 / 4 = 0.5. Distances -3.5, 0.5, -0.5, 3.5; variance (12.25 + 0.25 + 0.25 + 12.25) / 4.
inline constexpr float kMean = 0.5F, kVariance = 6.25F;
inline constexpr float kGamma = 2.0F, kBeta = 1.0F;
inline constexpr std::array<double, 4> kUnit = {-1.4, 0.2, -0.2, 1.4};  // distances / 2.5
inline constexpr std::array<double, 4> kNormed = {-1.8, 1.4, 0.6, 3.8};
inline constexpr std::array<double, 4> kActive = {0.0, 1.4, 0.6, 3.8};
inline constexpr double kAverage = 1.45;  // 5.8 / 4
inline constexpr double kMaximum = 3.8;
// 0.9 * 0 + 0.1 * 0.5, and 0.9 * 1 + 0.1 * 25 / 3
inline constexpr double kRunningMean = 0.05, kRunningVariance = 1.7333333;

// Backward, L being the average: 1/4 for each place that passed the ReLU.
inline constexpr std::array<double, 4> kNormedGradient = {0.0, 0.25, 0.25, 0.25};
inline constexpr double kBetaGradient = 0.75;   // their sum
inline constexpr double kGammaGradient = 0.35;  // 0.25 (0.2 - 0.2 + 1.4)
// 2 / 2.5 = 0.8 times (gradient - 0.75 / 4 - x^ 0.35 / 4)
inline constexpr std::array<double, 4> kYGradient = {-0.052, 0.036, 0.064, -0.048};
// -0.052 patch 1 + 0.036 patch 2 + 0.064 patch 3 - 0.048 patch 4
inline constexpr std::array<double, 9> kKernelGradient = {0.016,  0.040,  0.012,   //
                                                          -0.048, 0.148,  -0.068,  //
                                                          0.020,  -0.152, 0.064};
// The kernel, four times, laid over the places it came from.
inline constexpr std::array<double, 16> kPictureGradient = {-0.052, 0.036,  0.052,  -0.036,  //
                                                            -0.040, 0.024,  0.040,  -0.024,  //
                                                            0.076,  -0.060, -0.076, 0.060,   //
                                                            0.064,  -0.048, -0.064, 0.048};

}  // namespace qfs::ch20::paper

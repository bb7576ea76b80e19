// Exercise 14.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "14_training_for_the_kernel/lane_bound.hpp"

namespace exercise {

// [solution]
// Integers of one sign, all inputs at their largest: the sum is the norm times 2^N - 1. How many
// weights share it does not matter.
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  const std::int64_t x_max = (std::int64_t{1} << input_bits) - 1;
  const std::int64_t highest = (std::int64_t{1} << (accumulator_bits - 1)) - 1;
  return highest / x_max;
}

inline void project_l1(std::span<double> row, double most) {
  std::vector<double> magnitudes;
  for (double w : row) magnitudes.push_back(std::fabs(w));
  const double tau = qfs::shrinkage(magnitudes, most);
  if (tau == 0.0) return;
  for (double& w : row) w = std::copysign(std::max(std::fabs(w) - tau, 0.0), w);
}
// [/solution]

}  // namespace exercise

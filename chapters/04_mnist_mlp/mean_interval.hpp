// What several trainings say together: the mean over the seeds, and how far to trust it.
#pragma once

#include <array>
#include <cmath>
#include <span>
#include <string>

#include "common/check.hpp"
#include "common/print.hpp"

namespace qfs {

// The 97.5 % points of Student's t for 2 to 10 values (1 to 9 degrees of freedom).
inline constexpr std::array<double, 9> kStudentT = {12.706, 4.303, 3.182, 2.776, 2.571,
                                                    2.447,  2.365, 2.306, 2.262};

// [mean_interval]
// The mean of 2 to 10 values, one a seed, and half of its 95 % interval (Student, 1908; eq. 4.16).
struct MeanInterval {
  double mean = 0.0, half = 0.0;
};

inline MeanInterval mean_interval(std::span<const double> values) {
  const std::size_t n = values.size();
  require(n >= 2 && n - 2 < kStudentT.size(), "a mean with its interval needs 2 to 10 values", n,
          "2 to 10", "train with so many seeds");
  const double count = static_cast<double>(n);
  double sum = 0.0, squares = 0.0;
  for (double value : values) sum += value;
  for (double value : values) squares += (value - sum / count) * (value - sum / count);
  return {sum / count, kStudentT[n - 2] * std::sqrt(squares / (count - 1) / count)};
}
// [/mean_interval]

// "93.95 ± 0.70"
inline std::string text_of(MeanInterval mean) {
  return fixed(mean.mean, 2) + " ± " + fixed(mean.half, 2);
}

}  // namespace qfs

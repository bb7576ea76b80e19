// Exercise 8.3, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "01_affine_math/affine.hpp"

namespace exercise {

// [solution]
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  for (float value : x)
    qfs::require(std::isfinite(value), "a range needs finite numbers", value, "a finite number",
                 "look for a division by zero before it");
  std::vector<float> sorted(x.begin(), x.end());
  std::ranges::sort(sorted, {}, [](float value) { return std::fabs(value); });
  qfs::Interval interval{0.0F, 0.0F};
  for (std::size_t i = 0; i + cut < sorted.size(); ++i) {
    interval.min = std::min(interval.min, sorted[i]);
    interval.max = std::max(interval.max, sorted[i]);
  }
  return interval;
}
// [/solution]

}  // namespace exercise

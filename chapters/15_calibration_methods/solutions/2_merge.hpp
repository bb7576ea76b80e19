// Exercise 15.2, solved.
#pragma once

#include <algorithm>
#include <cstdint>

#include "15_calibration_methods/histogram.hpp"

namespace exercise {

// [solution]
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  const bool a_is_coarse = a.width >= b.width;
  qfs::Histogram merged = a_is_coarse ? a : b;
  const qfs::Histogram& fine = a_is_coarse ? b : a;
  for (std::size_t j = 0; j < fine.counts.size(); ++j) {
    const auto bin = static_cast<std::size_t>(fine.center(j) / merged.width);
    if (bin >= merged.counts.size()) merged.counts.resize(bin + 1, 0);
    merged.counts[bin] += fine.counts[j];
  }
  return merged;
}
// [/solution]

}  // namespace exercise

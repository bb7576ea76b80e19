// Exercise 15.1, solved.
#pragma once

#include <cstdint>

#include "15_calibration_methods/histogram.hpp"

namespace exercise {

// [solution]
inline double percentile_inside(const qfs::Histogram& histogram, double percent) {
  double all = 0.0, before = 0.0;
  for (std::uint64_t count : histogram.counts) all += static_cast<double>(count);
  const double wanted = percent * all / 100.0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double count = static_cast<double>(histogram.counts[i]);
    if (count > 0.0 && before + count >= wanted)
      return (static_cast<double>(i) + (wanted - before) / count) * histogram.width;
    before += count;
  }
  return 0.0;
}
// [/solution]

}  // namespace exercise

// A histogram of magnitudes: how many |x| fell into each of many bins of one width. Collected batch
// by batch, as the histogram calibrator of NVIDIA's pytorch-quantization does; calibrators.hpp
// reads thresholds from it.
//
// Symbols as in the text: w the width of a bin, n the number of bins, c_i the count of bin i, N the
// sum of all counts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "01_affine_math/affine.hpp"

namespace qfs {

inline constexpr std::size_t kFirstBins = 2048;                 // which the first batch gets
inline constexpr std::size_t kMostBins = std::size_t{1} << 22;  // 32 MiB of counts
// Bin i counts the magnitudes in [i w, (i + 1) w); the last bin holds its right edge too.
struct Histogram {
  double width = 0.0;  // w; 0 where nothing but 0 has been seen
  std::vector<std::uint64_t> counts{};
  double edge(std::size_t i) const { return static_cast<double>(i) * width; }  // left
  double center(std::size_t i) const { return (static_cast<double>(i) + 0.5) * width; }
};

// The bin of a magnitude in [0, n w] (eq. 15.2). No rounding can move it: w is a float32 over 2048,
// so i w has at most 24 + 22 bits and is exact in double; and where magnitude < i w the two differ
// by 2^-47 of their size or more, which a quotient of 53 bits still shows.
inline std::size_t bin_of(double magnitude, double width, std::size_t bins) {
  return std::min(static_cast<std::size_t>(magnitude / width), bins - 1);
}

// [collector]
// The first batch that holds more than zeros sets the width, for good: its largest magnitude over
// 2048 (eq. 15.1). A later batch that reaches further adds bins of that width.
class MagnitudeCollector {
 public:
  // Throws Error, and counts nothing, where x is empty, holds NaN or infinity, or would need more
  // than kMostBins.
  void observe(std::span<const float> x) {
    const Interval now = min_max(x);
    const double largest = std::max(std::fabs(now.min), std::fabs(now.max));
    make_room(largest);
    seen_ = seen_values_ == 0
                ? now
                : Interval{std::min(seen_.min, now.min), std::max(seen_.max, now.max)};
    seen_values_ += x.size();
    if (histogram_.width == 0.0) return;  // zeros alone, counted when there is a width
    for (float value : x)
      ++histogram_.counts[bin_of(std::fabs(value), histogram_.width, histogram_.counts.size())];
  }
  const Histogram& histogram() const { return histogram_; }
  std::uint64_t seen_values() const { return seen_values_; }
  Interval seen() const { return seen_; }  // the smallest and the largest value of all

 private:
  void make_room(double largest) {
    Histogram& h = histogram_;
    if (h.width == 0.0 && largest > 0.0) {
      h.width = largest / static_cast<double>(kFirstBins);
      h.counts.assign(kFirstBins, 0);
      h.counts[0] = seen_values_;  // the zeros of the batches before
    }
    if (largest <= h.edge(h.counts.size())) return;
    const double bins = std::ceil(largest / h.width);
    require(bins <= static_cast<double>(kMostBins),
            "a batch reaches too far beyond the first one for bins of its width", bins,
            "at most 4194304 bins", "show a typical batch first, or look for the outlier");
    h.counts.resize(static_cast<std::size_t>(bins), 0);
  }

  Histogram histogram_;
  Interval seen_;
  std::uint64_t seen_values_ = 0;
};
// [/collector]

}  // namespace qfs

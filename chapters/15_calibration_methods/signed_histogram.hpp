// PyTorch's HistogramObserver: a histogram of the values themselves, with their signs, whose bins
// stretch as later batches reach further, and a search that takes tails off as long as the error
// falls. Every operation in PyTorch 1.13's order and precision, float32 where it has float32.
//
// Symbols as in the text: h_j the count of bin j, of 2048; [lo, hi] what the bins span.
#pragma once

#include <span>

#include "15_calibration_methods/plumbing/torch_counts.hpp"

namespace qfs {
// What is counted. PyTorch 1.13 passes int(lo) and int(hi) to the routine that counts: of [-0.42,
// 2.82] only the values in [0, 2] get into the histogram, and they are spread over all its bins.
// `as_seen` counts all of them, in the bins where they lie.
enum class HistogramEnds { as_seen, truncated_to_int };

class SignedHistogram {
 public:
  static constexpr std::size_t kBins = kSignedBins, kLevels = 256;

  explicit SignedHistogram(HistogramEnds ends = HistogramEnds::as_seen) : ends_(ends) {}

  // Throws Error, and counts nothing, where x is empty, holds NaN or infinity, reaches 65536 times
  // as far as what was seen before it, or is wider than 1.6e35.
  void observe(std::span<const float> x);

  // The interval that is left when the search stops (eq. 15.10). Throws Error before the first
  // batch.
  Interval search() const;

  bool seen() const { return seen_; }
  Interval span() const { return {min_, max_}; }
  const BinCounts& counts() const { return counts_; }

 private:
  BinCounts count(std::span<const float> x, Interval between) const;

  HistogramEnds ends_;
  bool seen_ = false;
  float min_ = 0.0F, max_ = 0.0F;
  BinCounts counts_{};
};

// The squared error of 256 levels over the bins first to last (both included) of a histogram whose
// bins are `width` wide, each value uniform in its bin (eq. 15.9).
double tail_error(const BinCounts& counts, double width, int first, int last);

}  // namespace qfs

// How PyTorch 1.13 counts, stretches bins and divides: its float32 operations, one by one.
#pragma once

#include <array>
#include <span>

#include "01_affine_math/affine.hpp"

namespace qfs {

inline constexpr std::size_t kSignedBins = 2048, kUpsample = 128;
using BinCounts = std::array<float, kSignedBins>;

// x in 2048 bins over [between.min, between.max]; what lies outside is not counted. Ends that are
// equal are taken from x; if those are equal too, one is added on either side. (torch.histc) Throws
// Error where the width overflows float32.
BinCounts histogram_of(std::span<const float> x, Interval between);

// A wider span for both histograms, of a whole number of the old one's fine bins (1/128 of a bin)
// for each new bin, so that the old bins can be moved over.
struct WiderSpan {
  Interval span;
  std::size_t fine_bins = 0;  // of the old histogram in one new bin
  std::size_t offset = 0;     // of the old histogram, in fine bins
};

// Throws Error where `now` reaches 65536 times as far as `old`, which has a width.
WiderSpan wider_span(Interval old, Interval now);

// Adds the old counts to `counts`, which span more: every old bin is cut into 128 fine ones that
// count alike, and each new bin takes the fine ones it holds. PyTorch subtracts running sums, the
// earlier one rounded to float32.
void add_stretched(const BinCounts& old, const WiderSpan& wider, BinCounts& counts);

// The sum in float32, in torch.sum's order on AVX2 and below: 32 sums of every 32nd count, each by
// sixteens. Of whole numbers any order gives the same; of a stretched histogram's shares it does
// not.
float sum_as_torch(const BinCounts& counts);

// a / b rounded down, as torch.div(rounding_mode="floor") does it: by an exact remainder.
float floor_divide(float a, float b);

}  // namespace qfs

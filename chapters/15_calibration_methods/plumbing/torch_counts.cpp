#include "15_calibration_methods/plumbing/torch_counts.hpp"

#include <algorithm>
#include <cmath>

namespace qfs {

namespace {
constexpr float kBinsF = static_cast<float>(kSignedBins);
}

BinCounts histogram_of(std::span<const float> x, Interval between) {
  if (between.min == between.max) between = min_max(x);
  if (between.min == between.max) between = {between.min - 1.0F, between.max + 1.0F};
  const auto [low, high] = between;
  require(std::isfinite((high - low) * kBinsF), "the interval is too wide for a histogram",
          high - low, "a width below 1.6e35", "look for an outlier of that size");
  BinCounts counts{};
  if (low == high) {  // so large a constant that one more makes no difference
    counts[kSignedBins / 2] = static_cast<float>(x.size());
    return counts;
  }
  for (float value : x) {
    if (value < low || value > high) continue;
    const auto bin = static_cast<std::size_t>((value - low) * kBinsF / (high - low));
    counts[std::min(bin, kSignedBins - 1)] += 1.0F;
  }
  return counts;
}

WiderSpan wider_span(Interval old, Interval now) {
  constexpr float kFine = kBinsF * static_cast<float>(kUpsample);
  const Interval both = {std::min(old.min, now.min), std::max(old.max, now.max)};
  const float fine_width = (old.max - old.min) / kFine;
  const float fine_bins = std::ceil((both.max - both.min) / (kBinsF * fine_width));
  require(fine_bins <= 65536.0F * static_cast<float>(kUpsample),
          "a batch reaches too far beyond the earlier ones for their histogram",
          both.max - both.min, "at most 65536 times as far",
          "show a typical batch first, or look for the outlier");
  const float excess = fine_bins * (kBinsF * fine_width) - (both.max - both.min);
  const float offset = std::nearbyint((old.min - both.min) / fine_width);
  return {{both.min, both.max + excess},
          static_cast<std::size_t>(fine_bins),
          static_cast<std::size_t>(offset)};
}

void add_stretched(const BinCounts& old, const WiderSpan& wider, BinCounts& counts) {
  constexpr std::size_t kFine = kSignedBins * kUpsample;
  double running = 0.0;
  float before = 0.0F;
  for (std::size_t j = 0; j < kSignedBins; ++j) {
    const std::size_t begin = std::max(j * wider.fine_bins, wider.offset);
    const std::size_t end = std::min((j + 1) * wider.fine_bins, wider.offset + kFine);
    for (std::size_t fine = begin; fine < end; ++fine)
      running += old[(fine - wider.offset) / kUpsample];
    counts[j] += static_cast<float>((running - before) / kUpsample);
    before = static_cast<float>(running);
  }
}

float sum_as_torch(const BinCounts& counts) {
  constexpr std::size_t kLanes = 8, kSums = 32, kBlock = 16 * kSums;
  std::array<float, kSums> sums{};
  for (std::size_t block = 0; block < counts.size(); block += kBlock)
    for (std::size_t s = 0; s < kSums; ++s) {
      float sum = 0.0F;
      for (std::size_t j = block + s; j < block + kBlock; j += kSums) sum += counts[j];
      sums[s] += sum;
    }
  float all = 0.0F;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    all += sums[lane] + sums[lane + 8] + sums[lane + 16] + sums[lane + 24];
  return all;
}

float floor_divide(float a, float b) {
  const float remainder = std::fmod(a, b);
  float quotient = (a - remainder) / b;
  if (remainder != 0.0F && (b < 0.0F) != (remainder < 0.0F)) quotient -= 1.0F;
  const float floor = std::floor(quotient);
  return quotient - floor > 0.5F ? floor + 1.0F : floor;
}

}  // namespace qfs

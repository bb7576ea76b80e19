// How often the three rules give different integers, counted on seeded random sums.
#pragma once

#include <array>
#include <cstdint>

#include "02_integer_products/requantize.hpp"
#include "common/rng.hpp"

namespace qfs::ch02 {

struct Disagreements {
  int gemmlowp_fixed = 0;  // how many outputs of gemmlowp's rule differ from requantize_fixed's
  int half_up_fixed = 0;   // the same for TFLite's single rounding, halves up
  int fixed_float = 0;     // and for requantize_fixed against requantize_float
  int largest = 0;         // the largest difference seen
  friend bool operator==(const Disagreements&, const Disagreements&) = default;
};

// Every draw has a float32 multiplier, uniform in [low, high), and a sum such that the output is
// uniform as well, from about -127 to 127.
inline Disagreements count_disagreements(std::uint64_t seed, double low, double high, int draws) {
  Rng rng(seed);
  Disagreements counts;
  for (int i = 0; i < draws; ++i) {
    const auto multiplier = static_cast<float>(low == high ? low : rng.uniform(low, high));
    const auto reach = static_cast<std::int32_t>(127.0 / static_cast<double>(multiplier));
    const std::uint64_t sums = 2 * static_cast<std::uint64_t>(reach) + 1;
    const std::int32_t acc = static_cast<std::int32_t>(rng.below(sums)) - reach;
    const FixedPointMultiplier fixed = to_fixed_point(static_cast<double>(multiplier));
    const std::int32_t by_float = requantize_float(acc, multiplier, 0, signed_range(8));
    const std::int32_t by_fixed = requantize_fixed(acc, fixed, 0, signed_range(8));
    const std::int32_t by_half_up =
        requantize_fixed<ShiftRounding::half_up>(acc, fixed, 0, signed_range(8));
    const std::int32_t by_gemmlowp = requantize_gemmlowp(acc, fixed, 0, signed_range(8));
    counts.gemmlowp_fixed += by_gemmlowp != by_fixed ? 1 : 0;
    counts.half_up_fixed += by_half_up != by_fixed ? 1 : 0;
    counts.fixed_float += by_fixed != by_float ? 1 : 0;
    const auto [smallest, greatest] = std::minmax({by_float, by_fixed, by_half_up, by_gemmlowp});
    counts.largest = std::max(counts.largest, greatest - smallest);
  }
  return counts;
}

// The rows of the lesson's table, and what seed 1 gives.
inline constexpr int kDraws = 100000;
struct DisagreementRow {
  double low, high;
  Disagreements counts;
};
inline constexpr std::array<DisagreementRow, 7> kDisagreementRows = {{
    {0.0003, 0.001, {37, 0, 0, 1}},
    {0.001, 0.004, {176, 0, 0, 1}},
    {0.004, 0.016, {678, 0, 0, 1}},
    {0.016, 0.05, {2418, 0, 0, 1}},
    {0.05, 0.2, {9277, 0, 0, 1}},
    {0.2, 0.8, {11621, 0, 0, 1}},
    {0x1p-8, 0x1p-8, {443, 219, 0, 1}},
}};

}  // namespace qfs::ch02

#include "diff/fit.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "common/print.hpp"

namespace qfs::diff {
namespace {

// Steps are computed in float32: of 2^15 of them, the last bit is 2^-9.
constexpr double kSlack = 0x1p-9;

// The zero points that are tried on either side of the given one.
constexpr std::int64_t kMostOffset = 512;

// Keeps the factors with low <= factor * steps <= high; false where none are left.
bool narrow(double steps, double low, double high, Factors& factors) {
  if (steps == 0.0) return low <= 0.0 && 0.0 <= high;
  const double a = low / steps, b = high / steps;
  factors.low = std::max(factors.low, std::min(a, b));
  factors.high = std::min(factors.high, std::max(a, b));
  return factors.low <= factors.high;
}

}  // namespace

std::optional<std::int64_t> fitted_offset(std::span<const std::int64_t> mine, Ends my_ends,
                                          std::span<const std::int64_t> theirs, Ends their_ends) {
  std::map<std::int64_t, std::size_t> counts;
  for (std::size_t i = 0; i < mine.size(); ++i)
    if (my_ends.inside(mine[i]) && their_ends.inside(theirs[i])) ++counts[mine[i] - theirs[i]];
  std::int64_t offset = 0;
  std::size_t most = 0;
  for (const auto& [difference, count] : counts)
    if (count > most) {
      offset = difference;
      most = count;
    }
  return offset == 0 ? std::nullopt : std::optional(offset);
}

std::optional<Factors> fitted_factors(const Steps& all, std::int64_t zero_point, std::size_t first,
                                      std::size_t stride) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Factors factors{0.0, kInfinity};
  for (std::size_t i = first; i < all.steps.size(); i += stride) {
    const std::int64_t q = all.mine[i];
    const auto target = static_cast<double>(q - zero_point);
    const double low = q <= all.range.qmin ? -kInfinity : target - 0.5 - kSlack;
    const double high = q >= all.range.qmax ? kInfinity : target + 0.5 + kSlack;
    if (!narrow(all.steps[i], low, high, factors)) return std::nullopt;
  }
  // All clamped, or all 0: any factor will do, and none is found.
  if (factors.low <= 0.0 || factors.high == kInfinity) return std::nullopt;
  return factors;
}

std::optional<FactorsAndZeroPoint> fitted_affine(const Steps& all, std::int64_t zero_point) {
  for (std::int64_t offset = 0; offset <= kMostOffset; ++offset)
    for (const std::int64_t z : {zero_point - offset, zero_point + offset})
      if (const auto factors = fitted_factors(all, z, 0, 1))
        return FactorsAndZeroPoint{*factors, z};
  return std::nullopt;
}

double simplest_between(double low, double high) {
  const double middle = low + (high - low) / 2.0;
  for (int digits = 1; digits < 17; ++digits) {
    const double rounded = std::strtod(general(middle, digits).c_str(), nullptr);
    if (low <= rounded && rounded <= high) return rounded;
  }
  return middle;
}

}  // namespace qfs::diff

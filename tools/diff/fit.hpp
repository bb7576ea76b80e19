// Numbers found in the user's own integers: a zero point that is off, another scale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "diff/integers.hpp"

namespace qfs::diff {

// The integers at which a side may have been clamped.
struct Ends {
  std::int64_t low = 0, high = 0;
  bool inside(std::int64_t q) const { return low < q && q < high; }
};

// The difference mine - theirs that most of the elements have; only those count that neither side
// can have clamped. Nothing where there are none, or it is 0.
std::optional<std::int64_t> fitted_offset(std::span<const std::int64_t> mine, Ends my_ends,
                                          std::span<const std::int64_t> theirs, Ends their_ends);

// Real steps of the course's rule, before rounding and without the zero point, and the integers
// that should follow from them. One group shares a factor.
struct Steps {
  std::span<const double> steps;
  std::span<const std::int64_t> mine;
  QuantRange range;  // integers at its ends are clamped
};

// The factors f for which every integer lies within 1/2 of f * steps + zero_point.
struct Factors {
  double low = 0.0, high = 0.0;
};
// Over the elements first, first + stride, ...; nothing where no factor will do.
std::optional<Factors> fitted_factors(const Steps& all, std::int64_t zero_point, std::size_t first,
                                      std::size_t stride);

// The factors of the zero point nearest to `zero_point` for which there are any.
struct FactorsAndZeroPoint {
  Factors factors;
  std::int64_t zero_point = 0;
};
std::optional<FactorsAndZeroPoint> fitted_affine(const Steps& all, std::int64_t zero_point);

// The number in [low, high] with the fewest decimal digits: 0.05 rather than 0.0499998.
double simplest_between(double low, double high);

}  // namespace qfs::diff

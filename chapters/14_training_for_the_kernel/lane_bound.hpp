// Weights that fit the lanes of chapter 11 by training: which weights share a lane is fixed
// beforehand, and every lane's sums are kept below its bound.
//
// Symbols as in the text: t = w / s a weight in steps of its scale, q the integer it becomes, C the
// sum of one sign that a lane takes (eq. 14.1).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "01_affine_math/affine.hpp"
#include "11_avx2_kernel/lane_depth.hpp"

namespace qfs {

struct LaneBound {
  std::size_t products = 16;  // that share a lane, even; kThroughout: all that a lane gets
  std::int32_t x_max = 127;
};
inline constexpr std::size_t kThroughout = std::numeric_limits<std::size_t>::max() - 1;  // even

// The sum of weights of either sign that fits (eq. 14.1): 258 for inputs to 127, 128 for 255.
constexpr std::int32_t lane_capacity(std::int32_t x_max) {
  return std::numeric_limits<std::int16_t>::max() / x_max;
}
static_assert(lane_capacity(127) == 258 && lane_capacity(255) == 128);

// [for_each_lane]
// Calls visit(lane) for the lanes of a row of K weights, as vpmaddubsw makes them: of every four
// weights the first two meet in one lane, the last two in the other. A lane is the places of its
// weights, in `products / 2` steps that follow each other.
template <class Visit>
void for_each_lane(std::size_t K, std::size_t products, Visit&& visit) {
  const std::size_t steps = std::min(products / 2, (K + 3) / 4);
  std::vector<std::size_t> lane;
  for (std::size_t begin = 0; begin < K; begin += 4 * steps)
    for (std::size_t half = 0; half < 4; half += 2) {
      lane.clear();
      for (std::size_t step = begin; step < begin + 4 * steps; step += 4)
        for (std::size_t k = step + half; k < std::min(step + half + 2, K); ++k) lane.push_back(k);
      if (!lane.empty()) visit(std::span<const std::size_t>(lane));
    }
}
// [/for_each_lane]

// tau: by how much all of a set of numbers must come down, none below 0, so that they add up to
// `most`: the nearest such point (eq. 14.2). 0 where they fit already. Reorders them.
double shrinkage(std::span<double> numbers, double most);

// The nearest weights to those of a lane whose positive and negative sums both fit: each sign
// shrinks by itself.
void project_lane(std::span<float> row, std::span<const std::size_t> lane, float scale,
                  double capacity, std::vector<double>& scratch);

// All lanes of a row.
void project_row(std::span<float> row, float scale, const LaneBound& bound);

// Whether every lane of the integers fits, for all inputs (eq. 11.2).
bool fits_lanes(std::span<const std::int8_t> row, const LaneBound& bound);

// Rounded to the grid, sums that fitted may pass the bound by a few steps. Takes as many back, one
// by one, where rounding had added most. Afterwards every lane fits, and every weight lies on the
// grid. Throws Error on NaN and infinity.
void fit_row(std::span<float> row, float scale, QuantRange range, const LaneBound& bound);

}  // namespace qfs

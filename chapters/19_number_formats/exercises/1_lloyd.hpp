// Exercise 19.1: a code book of your own.
//
// NF4's points were chosen for a distribution, not for your weights. Lloyd's algorithm (k-means in
// one dimension) moves points to where the numbers are. In each round every number goes to its
// nearest point, on a midpoint to the lower one (qfs::nearest_code does that); then every point
// moves to the mean of its numbers, added in double. A point that no number has chosen stays. All
// numbers choose before any point moves. `points` ascend; 0 rounds leave them as they are.
#pragma once

#include <span>
#include <vector>

#include "19_number_formats/nf4.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::vector<float> lloyd([[maybe_unused]] std::span<const float> x,
                                [[maybe_unused]] std::vector<float> points,
                                [[maybe_unused]] int rounds) {
  // TODO: return the points after so many rounds.
  qfs::not_written_yet("19.1: lloyd");
}

}  // namespace exercise

// Exercise 1.3: one scale per group.
//
// A row of weights is cut into groups of `group_size` neighbours; the last group may be shorter.
// Write group_scales: one symmetric scale per group for the integers -qmax to qmax, so that the
// largest magnitude of the group becomes qmax: that magnitude / qmax, in float32. A group of zeros
// gets the scale 1. An empty row has no groups; group_size is at least 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

inline std::vector<float> group_scales([[maybe_unused]] std::span<const float> row,
                                       [[maybe_unused]] std::size_t group_size,
                                       [[maybe_unused]] std::int32_t qmax) {
  // TODO: return the scales, in the order of the groups.
  qfs::not_written_yet("1.3: group_scales");
}

}  // namespace exercise

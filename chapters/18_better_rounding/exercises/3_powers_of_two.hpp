// Exercise 18.3: equalization that rounds nothing.
//
// The factors of (eq. 18.2) are reals, so every weight is rounded once and the logits move in their
// last bits. A product with a power of two is exact. Write equalize_exactly: rescale the units
// between a and b by powers of two, such that afterwards, for every unit that has weights on both
// sides, the ranges r_a and r_b are within a factor of 2 of each other. A unit without weights on
// one side stays as it is. All weights are normal floats, far from the ends of their range.
// qfs::rescale_units and qfs::equalizing_factors may be used.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "18_better_rounding/equalize.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void equalize_exactly([[maybe_unused]] qfs::Linear& a, [[maybe_unused]] qfs::Linear& b) {
  // TODO: choose the factors and rescale.
  qfs::not_written_yet("18.3: equalize_exactly");
}

}  // namespace exercise

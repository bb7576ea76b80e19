// Exercise 8.3: a hot pixel.
//
// One broken pixel of a camera says 1000. A range found at run time reaches out to it, and
// everything else in the row falls into one integer. Write trimmed_range: the interval that holds 0
// and all numbers of x but the `cut` ones that lie farthest from 0. Those will be clamped. Of
// numbers equally far from 0 it does not matter which are left out. If `cut` leaves no number, the
// interval is [0, 0]. Throw qfs::Error (qfs::fail or qfs::require) where x holds NaN or infinity.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "01_affine_math/affine.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline qfs::Interval trimmed_range([[maybe_unused]] std::span<const float> x,
                                   [[maybe_unused]] std::size_t cut) {
  // TODO: return {lowest, highest}; lowest <= 0 <= highest.
  qfs::not_written_yet("8.3: trimmed_range");
}

}  // namespace exercise

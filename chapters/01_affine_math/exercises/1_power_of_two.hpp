// Exercise 1.1: a scale that is a power of two.
//
// Some chips have no multiplier to spare for scales, and can only shift. Write choose_shift: widen
// [min, max] to contain 0 (eq. 1.4); find the smallest scale 2^exponent whose qmax - qmin steps are
// as wide as the interval or wider; place the zero point (eq. 1.6). An interval without width,
// [0, 0], gets the exponent 0. Compute in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/exercise.hpp"

namespace exercise {

struct ShiftParams {
  int exponent = 0;  // the scale is 2^exponent
  std::int32_t zero_point = 0;
};

inline ShiftParams choose_shift([[maybe_unused]] double min, [[maybe_unused]] double max,
                                [[maybe_unused]] std::int32_t qmin,
                                [[maybe_unused]] std::int32_t qmax) {
  // TODO: return the exponent and the zero point.
  qfs::not_written_yet("1.1: choose_shift");
}

}  // namespace exercise

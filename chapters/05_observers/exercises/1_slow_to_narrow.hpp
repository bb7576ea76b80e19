// Exercise 5.1: an observer that widens at once and narrows slowly.
//
// A moving average (eq. 5.2) cuts off what a batch has beyond its interval; min-max (eq. 5.1) never
// forgets an outlier. Write the observer between the two: the first batch sets lo and hi to its own
// minimum and maximum. Later, an end that a batch exceeds moves to the batch's extreme at once; an
// end that it does not reach moves by the share c of the way to it, as in (eq. 5.2), in its order
// of operations. x is not empty and holds finite numbers.
#pragma once

#include <algorithm>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;  // whether a batch has been observed
  float lo = 0.0F, hi = 0.0F;

  void observe([[maybe_unused]] std::span<const float> x) {
    // TODO: update seen, lo and hi.
    qfs::not_written_yet("5.1: observe");
  }
};

}  // namespace exercise

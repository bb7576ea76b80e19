// Exercise 5.1: a moving average of minima and maxima.
//
// Write observe: the first batch sets lo and hi to its own minimum and maximum; every
// later one moves them by the share c of the way to its own (eq. 5.2). x is not empty and
// holds finite numbers.
#pragma once

#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct MovingAverage {
  float c = 0.01F;
  bool seen = false;  // whether a batch has been observed
  float lo = 0.0F, hi = 0.0F;

  void observe([[maybe_unused]] std::span<const float> x) {
    // TODO: update seen, lo and hi.
    qfs::not_written_yet("5.1: observe");
  }
};

}  // namespace exercise

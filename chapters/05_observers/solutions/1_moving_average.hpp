// Exercise 5.1, solved.
#pragma once

#include <algorithm>
#include <span>

namespace exercise {

struct MovingAverage {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;

  // [solution]
  void observe(std::span<const float> x) {
    const auto [min, max] = std::minmax_element(x.begin(), x.end());
    if (!seen) {
      lo = *min;
      hi = *max;
      seen = true;
      return;
    }
    lo = lo + c * (*min - lo);
    hi = hi + c * (*max - hi);
  }
  // [/solution]
};

}  // namespace exercise

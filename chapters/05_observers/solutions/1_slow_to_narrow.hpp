// Exercise 5.1, solved.
#pragma once

#include <algorithm>
#include <span>

namespace exercise {

struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;

  // [solution]
  void observe(std::span<const float> x) {
    const auto [min, max] = std::minmax_element(x.begin(), x.end());
    lo = !seen || *min < lo ? *min : lo + c * (*min - lo);
    hi = !seen || *max > hi ? *max : hi + c * (*max - hi);
    seen = true;
  }
  // [/solution]
};

}  // namespace exercise

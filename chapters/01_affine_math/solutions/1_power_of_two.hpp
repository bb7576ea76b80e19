// Exercise 1.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exercise {

struct ShiftParams {
  int exponent = 0;
  std::int32_t zero_point = 0;
};

// [solution]
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  const double low = std::min(min, 0.0), high = std::max(max, 0.0);
  const double steps = qmax - qmin, width = high - low;
  int exponent = 0;
  if (width > 0.0) {
    while (std::ldexp(steps, exponent) < width) ++exponent;
    while (std::ldexp(steps, exponent - 1) >= width) --exponent;
  }
  const double on_grid = std::nearbyint(low / std::ldexp(1.0, exponent));
  return {exponent, qmin - static_cast<std::int32_t>(on_grid)};
}
// [/solution]

}  // namespace exercise

// Exercise 3.2, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

// [solution]
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  float best = candidates[0];
  double least = HUGE_VAL;
  for (float threshold : candidates) {
    const float end = static_cast<float>(qmax), scale = threshold / end;
    double sum = 0.0;
    for (float value : x) {
      const float y = scale * std::clamp(std::nearbyint(value * (1.0F / scale)), -end, end);
      const double error = static_cast<double>(value) - static_cast<double>(y);
      sum += error * error;  // clipped or only rounded: both kinds of error count
    }
    if (sum < least) best = threshold;
    least = std::min(least, sum);
  }
  return best;
}
// [/solution]

}  // namespace exercise

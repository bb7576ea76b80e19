// Exercise 3.1, solved.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

struct RangeGradient {
  double low = 0.0;
  double high = 0.0;
};

// [solution]
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  RangeGradient range;
  const float inv_scale = 1.0F / scale;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float q = static_cast<float>(zero_point) + std::nearbyint(x[i] * inv_scale);
    const bool below = q < static_cast<float>(qmin);
    const bool above = q > static_cast<float>(qmax);
    dx[i] = below || above ? 0.0F : dy[i];
    if (below) range.low += static_cast<double>(dy[i]);
    if (above) range.high += static_cast<double>(dy[i]);
  }
  return range;
}
// [/solution]

}  // namespace exercise

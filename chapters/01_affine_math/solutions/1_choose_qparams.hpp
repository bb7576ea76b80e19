// Exercise 1.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exercise {

struct QuantParams {
  float scale = 0.0F;
  std::int32_t zero_point = 0;
};

inline constexpr float kSmallestScale = 1.1920929e-07F;

// [solution]
inline QuantParams choose_qparams(float min, float max, std::int32_t qmin, std::int32_t qmax) {
  const float low = std::min(min, 0.0F);   // without these two lines 0 may lie outside
  const float high = std::max(max, 0.0F);  // the interval, and has no zero point
  const float scale = std::max((high - low) / static_cast<float>(qmax - qmin), kSmallestScale);
  return {scale, qmin - static_cast<std::int32_t>(std::nearbyint(low / scale))};
}
// [/solution]

}  // namespace exercise

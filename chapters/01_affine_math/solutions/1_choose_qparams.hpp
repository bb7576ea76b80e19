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
  const float low = std::min(min, 0.0F);   // without these two lines 0 may lie outside,
  const float high = std::max(max, 0.0F);  // and the clamp below would shift every value
  const float scale = std::max((high - low) / static_cast<float>(qmax - qmin), kSmallestScale);
  const float zero_point = static_cast<float>(qmin) - std::nearbyint(low / scale);
  return {scale, std::clamp(static_cast<std::int32_t>(zero_point), qmin, qmax)};
}
// [/solution]

}  // namespace exercise

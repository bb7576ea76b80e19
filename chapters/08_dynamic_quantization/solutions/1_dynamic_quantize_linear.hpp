// Exercise 8.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace exercise {

struct DynamicallyQuantized {
  std::vector<std::uint8_t> y;
  float y_scale = 0.0F;
  std::uint8_t y_zero_point = 0;
};

// [solution]
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  const float low = std::min(0.0F, *std::ranges::min_element(x));
  const float high = std::max(0.0F, *std::ranges::max_element(x));
  DynamicallyQuantized result;
  result.y_scale = high > low ? (high - low) / 255.0F : 1.0F;
  const float zero = std::nearbyint(std::clamp(0.0F - low / result.y_scale, 0.0F, 255.0F));
  result.y_zero_point = static_cast<std::uint8_t>(zero);
  for (float value : x) {
    const float steps = std::nearbyint(value / result.y_scale) + zero;
    result.y.push_back(static_cast<std::uint8_t>(std::clamp(steps, 0.0F, 255.0F)));
  }
  return result;
}
// [/solution]

}  // namespace exercise

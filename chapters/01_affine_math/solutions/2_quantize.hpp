// Exercise 1.2, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

// [solution]
inline void quantize(std::span<const float> x, float scale, std::int32_t zero_point,
                     std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> q) {
  const float inverse = 1.0F / scale;
  const auto low = static_cast<float>(qmin - zero_point);
  const auto high = static_cast<float>(qmax - zero_point);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float rounded = std::nearbyint(x[i] * inverse);
    q[i] = static_cast<std::int32_t>(std::clamp(rounded, low, high)) + zero_point;
  }
}
// [/solution]

}  // namespace exercise

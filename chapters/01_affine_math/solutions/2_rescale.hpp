// Exercise 1.2, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

struct QuantParams {
  float scale = 1.0F;
  std::int32_t zero_point = 0;
};

// [solution]
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const float ratio = from.scale / to.scale;
  const auto low = static_cast<float>(qmin - to.zero_point);
  const auto high = static_cast<float>(qmax - to.zero_point);
  for (std::size_t i = 0; i < q.size(); ++i) {
    const float rounded = std::nearbyint(static_cast<float>(q[i] - from.zero_point) * ratio);
    out[i] = static_cast<std::int32_t>(std::clamp(rounded, low, high)) + to.zero_point;
  }
}
// [/solution]

}  // namespace exercise

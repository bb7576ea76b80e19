// Exercise 2.3, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

// [solution]
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  const auto low = static_cast<float>(qmin - zero_point),
             high = static_cast<float>(qmax - zero_point);
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float scaled = static_cast<float>(acc[i]) * multipliers[i % multipliers.size()];
    const float clamped = std::clamp(std::nearbyint(scaled), low, high);
    q[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(clamped) + zero_point);
  }
}
// [/solution]

}  // namespace exercise

// Exercise 3.3, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

inline constexpr float kSmallestScale = 1.1920929e-07F;  // a group of zeros must not divide by 0

// [solution]
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  for (std::size_t row = 0; row < w.size(); row += columns)
    for (std::size_t begin = 0; begin < columns; begin += group_size) {
      const std::size_t length = std::min(group_size, columns - begin);  // the last may be short
      const auto group = w.subspan(row + begin, length);
      float largest = 0.0F;
      for (float value : group) largest = std::max(largest, std::fabs(value));
      const float scale = std::max(largest / static_cast<float>(qmax), kSmallestScale);
      for (std::size_t i = 0; i < length; ++i)
        y[row + begin + i] = scale * std::nearbyint(group[i] * (1.0F / scale));
    }
}
// [/solution]

}  // namespace exercise

// Exercise 6.2, solved.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace exercise {

// [solution]
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t p = 0; p < table.size(); ++p) {
    const float x = (static_cast<float>(p) / 255.0F - 0.1307F) / 0.3081F;
    const float steps = std::nearbyint(x * (1.0F / scale));
    const auto zero = static_cast<float>(zero_point);
    const float clamped = std::clamp(steps, -zero, static_cast<float>(qmax) - zero);
    table[p] = static_cast<std::uint8_t>(static_cast<std::int32_t>(clamped) + zero_point);
  }
  return table;
}
// [/solution]

}  // namespace exercise

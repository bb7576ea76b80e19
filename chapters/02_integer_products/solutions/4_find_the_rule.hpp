// Exercise 2.4, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exercise {

// [solution]
// Halves go up, toward plus infinity: floor(x / s + 1/2).
inline std::int32_t quantize_as_they_do(float x) {
  const float rounded = std::floor(x / 0.25F + 0.5F);
  return static_cast<std::int32_t>(std::clamp(rounded, -7.0F, 24.0F)) + 7;
}
// [/solution]

}  // namespace exercise

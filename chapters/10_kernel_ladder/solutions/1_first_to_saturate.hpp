// Exercise 10.1, solved.
#pragma once

#include <algorithm>
#include <cstdint>

namespace exercise {

// [solution]
// The largest sum is x_max * positive, the smallest x_max * -negative.
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int positive = std::max<int>(w0, 0) + std::max<int>(w1, 0);
  const int negative = -std::min<int>(w0, 0) - std::min<int>(w1, 0);
  const int above = positive > 0 ? 32767 / positive + 1 : 256;
  const int below = negative > 0 ? 32768 / negative + 1 : 256;
  return std::min({above, below, 256});
}
// [/solution]

}  // namespace exercise

// Exercise 13.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"

namespace exercise {

// [solution]
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  const std::int32_t of_six = qfs::quantize_value(6.0F, output, qfs::unsigned_range(8));
  const float high = static_cast<float>(of_six - output.zero_point);  // in steps; 0 is the low end
  for (std::size_t n = 0; n < sums.size(); ++n) {
    const float rounded = std::nearbyint(static_cast<float>(sums[n]) * multiplier[n]);
    const float clamped = std::min(std::max(rounded, 0.0F), high);
    y[n] = static_cast<std::uint8_t>(static_cast<std::int32_t>(clamped) + output.zero_point);
  }
}
// [/solution]

}  // namespace exercise

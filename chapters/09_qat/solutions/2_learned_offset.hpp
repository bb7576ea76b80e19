// Exercise 9.2, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "09_qat/lsq.hpp"

namespace exercise {

struct OffsetGradients {
  double scale = 0.0, offset = 0.0;
};

// [solution]
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  OffsetGradients sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float t = (x[i] - beta) / s, rounded = std::nearbyint(t);
    const float r =
        std::clamp(rounded, static_cast<float>(range.qmin), static_cast<float>(range.qmax));
    const bool inside = r == rounded;
    sums.scale += static_cast<double>(dy[i]) * static_cast<double>(inside ? r - t : r);
    sums.offset += inside ? 0.0 : static_cast<double>(dy[i]);
    dx[i] = inside ? dy[i] : 0.0F;  // last, for dx may be dy
  }
  return sums;
}
// [/solution]

}  // namespace exercise

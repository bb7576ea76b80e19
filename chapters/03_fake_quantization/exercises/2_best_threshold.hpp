// Exercise 3.2: the clip threshold with the least error.
//
// Try every candidate T: quantize symmetrically with s = T / qmax (float),
//   y = s * clamp(nearbyint(x * (1 / s)), -qmax, qmax)   (float),
// and measure the mean of (x - y)^2 in double. Return the candidate with the smallest mean; of
// equals, the first. The candidates are positive, and there is at least one; x is not empty.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

inline float best_threshold([[maybe_unused]] std::span<const float> x,
                            [[maybe_unused]] std::span<const float> candidates,
                            [[maybe_unused]] std::int32_t qmax) {
  // TODO: search the candidates.
  qfs::not_written_yet("3.2: the best threshold");
}

}  // namespace exercise

// Exercise 3.1: the backward pass, and the gradient of a learned range.
//
// Equation 3.4 gives dx. When the two ends of the range are parameters as well (the smallest and
// the largest real, which some methods learn together with the weights), they need gradients too. A
// number clamped to an end moves with that end, step for step; every other number ignores it.
//   dx[i] = dy[i] * mask(x[i])
//   low   = the sum of dy over the numbers clamped to qmin
//   high  = the sum of dy over the numbers clamped to qmax
// q = zero_point + nearbyint(x * (1 / scale)), in float; the sums are added up in double. x, dy and
// dx have one length; dx holds anything before.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct RangeGradient {
  double low = 0.0;
  double high = 0.0;
};

inline RangeGradient backward([[maybe_unused]] std::span<const float> x,
                              [[maybe_unused]] std::span<const float> dy,
                              [[maybe_unused]] float scale,
                              [[maybe_unused]] std::int32_t zero_point,
                              [[maybe_unused]] std::int32_t qmin,
                              [[maybe_unused]] std::int32_t qmax,
                              [[maybe_unused]] std::span<float> dx) {
  // TODO: fill dx, and return the sums of the two ends.
  qfs::not_written_yet("3.1: the backward pass");
}

}  // namespace exercise

// Exercise 1.2: from real to integer.
//
// Write quantize: q[i] = clamp(nearbyint(x[i] * (1/scale)) + zero_point, qmin, qmax) (eq. 1.2), for
// every i. Infinity must become an end of the range: a float that no int can hold must never be
// converted to one. x holds no NaN, and q is as long as x.
#pragma once

#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

inline void quantize([[maybe_unused]] std::span<const float> x, [[maybe_unused]] float scale,
                     [[maybe_unused]] std::int32_t zero_point, [[maybe_unused]] std::int32_t qmin,
                     [[maybe_unused]] std::int32_t qmax,
                     [[maybe_unused]] std::span<std::int32_t> q) {
  // TODO: fill q.
  qfs::not_written_yet("1.2: quantize");
}

}  // namespace exercise

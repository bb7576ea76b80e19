// Exercise 2.3: back to 8 bits, one multiplier per output channel.
//
// `acc` holds M x N sums row by row; every column n (output channel) has its own multiplier, so N
// is multipliers.size(). Write
//   q = clamp(z_y + nearbyint(acc * m_n), qmin, qmax)    (eq. 2.9)
// in float32: round first, ties to even, then add the zero point, then clamp. Sums may be as large
// as 2^31 - 1 and multipliers 1 or more, so the rounded product may pass every integer: clamp it
// while it is a float.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

inline void requantize_per_channel([[maybe_unused]] std::span<const std::int32_t> acc,
                                   [[maybe_unused]] std::span<const float> multipliers,
                                   [[maybe_unused]] std::int32_t zero_point,
                                   [[maybe_unused]] std::int32_t qmin,
                                   [[maybe_unused]] std::int32_t qmax,
                                   [[maybe_unused]] std::span<std::uint8_t> q) {
  // TODO: write every q[i].
  qfs::not_written_yet("2.3: requantize_per_channel");
}

}  // namespace exercise

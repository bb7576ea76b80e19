// Exercise 2.1: signed inputs, an unsigned kernel.
//
// A kernel multiplies u8 inputs by s8 weights. Your inputs are s8, -128 to 127, with zero point
// z_x; so 128 is added to every one of them before the kernel sees it:
//   the kernel computes   sum over k of (q_x[k] + 128) q_w[n, k] + bias[n]
//   wanted is             sum over k of (q_x[k] - z_x) q_w[n, k] + the bias as it was
// Write compensate: change every bias[n] so that the two are equal, whatever the inputs. `w` holds
// N rows of K weights, `bias` one integer per row; weights have no zero point. K may be 0.
#pragma once

#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

inline void compensate([[maybe_unused]] std::span<const std::int8_t> w,
                       [[maybe_unused]] std::int32_t x_zero_point,
                       [[maybe_unused]] std::span<std::int32_t> bias) {
  // TODO: change every bias[n].
  qfs::not_written_yet("2.1: compensate");
}

}  // namespace exercise

// Exercise 6.1: one layer in integers.
//
// Compute the u8 outputs of a Linear for one input, from numbers alone (eq. 6.6, 6.7, 6.8):
//   acc[n] = sum over k of (q_x[k] - z_x) q_w[n, k] + bias[n]         in 32 bits
//   q_y[n] = clamp(z_y + nearbyint(acc[n] * m[n]), 0, 255)            acc[n] * m[n] in float32
// and, where `relu` is set, nothing below what stands for 0. Multipliers are positive, and a
// product may pass every 32-bit integer: clamp it while it is a float.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct Layer {
  std::span<const std::int8_t> weight;  // N x K, one row per output
  std::span<const std::int32_t> bias;   // N
  std::span<const float> multiplier;    // 1 for the whole layer, or N
  std::int32_t x_zero_point = 0, y_zero_point = 0;
  bool relu = false;
};

// x has K elements, y has N.
inline void linear_u8([[maybe_unused]] const Layer& layer,
                      [[maybe_unused]] std::span<const std::uint8_t> x,
                      [[maybe_unused]] std::span<std::uint8_t> y) {
  // TODO: fill y.
  qfs::not_written_yet("6.1: linear_u8");
}

}  // namespace exercise

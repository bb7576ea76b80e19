// Exercise 13.1: a ReLU6 that costs nothing.
//
// Many small networks cut their activations at 6: min(max(r, 0), 6). In integers that is a clamp,
// and the store has one already. Write to_u8_relu6, which makes bytes of a row of sums: sums[n]
// times multiplier[n], in steps of the output's scale (eq. 2.9), rounded to the nearest integer,
// halves to even, the zero point added; cut at the integers of the reals 0 and 6. Where the integer
// of 6 lies above 255, 255 is the end. An integer of a real is chapter 01's: qfs::quantize_value
// may be used for the two ends.
//
// There are as many sums as multipliers and bytes, 0 too. Multipliers are positive and normal; sums
// any of 32 bits, so that a sum times its multiplier may be far beyond 2^31. output.zero_point is 0
// to 255.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void to_u8_relu6([[maybe_unused]] std::span<const std::int32_t> sums,
                        [[maybe_unused]] std::span<const float> multiplier,
                        [[maybe_unused]] qfs::QuantParams output,
                        [[maybe_unused]] std::span<std::uint8_t> y) {
  // TODO: write a byte for each sum.
  qfs::not_written_yet("13.1: to_u8_relu6");
}

}  // namespace exercise

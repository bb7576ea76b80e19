// Exercise 6.2: the input's quantizer as a table.
//
// A pixel is one of 256 numbers, so its integer need not be computed for every pixel of every
// digit: a table of 256 entries holds them all, and the net has no float left between pixel and
// class.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "common/exercise.hpp"

namespace exercise {

// table[p] is the integer of pixel p: normalized as x = (p / 255 - 0.1307) / 0.3081, then quantized
// as in chapter 01: x * (1 / scale), rounded with ties to even, zero point added after rounding,
// clamped to 0..qmax (127 or 255). All in float32, in this order.
inline std::array<std::uint8_t, 256> input_table([[maybe_unused]] float scale,
                                                 [[maybe_unused]] std::int32_t zero_point,
                                                 [[maybe_unused]] std::int32_t qmax) {
  // TODO: return the table.
  qfs::not_written_yet("6.2: input_table");
}

}  // namespace exercise

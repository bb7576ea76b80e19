// Exercise 7.1: from sums to 8 bits, the ReLU included.
//
// Write linear_relu: every sum becomes z_y + round(acc * m), halves to even, as in chapter 02, and
// what stands for a negative real becomes what stands for 0. One pass, one clamp. The range is any
// range of 8 bits, signed or unsigned, and holds the zero point; m is positive.
// qfs::requantize_float may be used. acc and q have one length.
#pragma once

#include <algorithm>
#include <span>

#include "02_integer_products/requantize.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void linear_relu([[maybe_unused]] std::span<const std::int32_t> acc,
                        [[maybe_unused]] float m, [[maybe_unused]] std::int32_t zero_point,
                        [[maybe_unused]] qfs::QuantRange range,
                        [[maybe_unused]] std::span<std::int32_t> q) {
  // TODO: fill q.
  qfs::not_written_yet("7.1: linear_relu");
}

}  // namespace exercise

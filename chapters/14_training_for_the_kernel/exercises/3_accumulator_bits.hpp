// Exercise 14.3: how wide must the accumulator be?
//
// Turn the bound round: the weights are given, and the accumulator is asked for. Inputs are any
// integers from 0 to x_max, each on its own; a signed accumulator of P bits holds -2^(P-1) to
// 2^(P-1) - 1. One bit holds -1 and 0.
//
// Write bits_of_output: the smallest P, 1 or more, in which the sum of the products of one output
// fits for all inputs, and so does the sum of any of them, added in any order. And bits_of_layer:
// the smallest that does for all outputs of w (N x K); 1 where there are none. x_max is 1 to 65535,
// K may be 100 000.
//
// With care: the two ends differ. 128 times -1 fits 8 bits, 128 times 1 does not.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"
#include "common/tensor.hpp"

namespace exercise {

inline int bits_of_output([[maybe_unused]] std::span<const std::int8_t> w,
                          [[maybe_unused]] std::int32_t x_max) {
  // TODO: return the width.
  qfs::not_written_yet("14.3: bits_of_output");
}

inline int bits_of_layer([[maybe_unused]] const qfs::Matrix<std::int8_t>& w,
                         [[maybe_unused]] std::int32_t x_max) {
  // TODO: return the widest of its outputs. qfs::row(w, n) is one of them.
  qfs::not_written_yet("14.3: bits_of_layer");
}

}  // namespace exercise

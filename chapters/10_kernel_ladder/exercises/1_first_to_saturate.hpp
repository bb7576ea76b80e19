// Exercise 10.1: how large may the inputs be?
//
// vpmaddubsw adds x0 w0 + x1 w1 in 16 bits, which hold -32768 to 32767. Write first_to_saturate:
// the weights of a pair are given, the inputs are integers from 0 to x_max, each on its own. Return
// the smallest x_max, 0 to 255, for which some inputs make a sum that 16 bits do not hold; 256 if
// no inputs of eight bits do. Weights are any of s8, -128 included.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/exercise.hpp"

namespace exercise {

inline std::int32_t first_to_saturate([[maybe_unused]] std::int8_t w0,
                                      [[maybe_unused]] std::int8_t w1) {
  // TODO: return the smallest x_max that can saturate, or 256.
  qfs::not_written_yet("10.1: first_to_saturate");
}

}  // namespace exercise

// Exercise 14.3, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/tensor.hpp"

namespace exercise {

// [solution]
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::int64_t highest = 0, lowest = 0;  // what the inputs can make of it
  for (std::int8_t weight : w) (weight > 0 ? highest : lowest) += std::int64_t{weight} * x_max;
  int bits = 1;
  for (std::int64_t half = 1; highest > half - 1 || lowest < -half; half *= 2) ++bits;
  return bits;
}

inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  int widest = 1;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    widest = std::max(widest, bits_of_output(qfs::row(w, n), x_max));
  return widest;
}
// [/solution]

}  // namespace exercise

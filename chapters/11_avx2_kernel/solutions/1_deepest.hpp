// Exercise 11.1, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "11_avx2_kernel/lane_depth.hpp"

namespace exercise {

// [solution]
inline bool blocks_fit(std::span<const std::int8_t> w, std::int32_t x_max, std::size_t d) {
  for (std::size_t begin = 0; begin < w.size(); begin += d) {
    qfs::LaneSums sums;
    for (std::int8_t weight : w.subspan(begin, std::min(d, w.size() - begin)))
      sums += qfs::sums_of(weight, 0);
    if (!qfs::fits_lane(sums, x_max)) return false;
  }
  return true;
}

// Every d has to be tried: that one fits says nothing of another.
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::size_t d = w.size();
  while (d > 1 && !blocks_fit(w, x_max, d)) --d;
  return d;
}
// [/solution]

}  // namespace exercise

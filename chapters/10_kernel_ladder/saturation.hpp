// What vpmaddubsw does to a pair of products, in plain C++: the judge of the rungs that add in 16
// bits, on any CPU. And for which weights it can happen at all.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include "common/tensor.hpp"

namespace qfs {

// [add_pair]
// Two products as a 16-bit lane holds them: -32768 to 32767, and no further (eq. 10.2).
constexpr std::int32_t add_pair(std::uint8_t x0, std::int8_t w0, std::uint8_t x1, std::int8_t w1) {
  return std::clamp<std::int32_t>(x0 * w0 + x1 * w1, std::numeric_limits<std::int16_t>::min(),
                                  std::numeric_limits<std::int16_t>::max());
}
static_assert(add_pair(255, 127, 255, 127) == 32767);     // 64770
static_assert(add_pair(255, -128, 255, -128) == -32768);  // -65280
static_assert(add_pair(127, 127, 127, 127) == 32258);

// Whether inputs from 0 to x_max exist for which the pair leaves 16 bits (eq. 10.3). They are 0 for
// weights of one sign and x_max for those of the other.
constexpr bool can_saturate(std::int8_t w0, std::int8_t w1, std::int32_t x_max) {
  const std::int32_t highest =
      x_max * (std::max<std::int32_t>(w0, 0) + std::max<std::int32_t>(w1, 0));
  const std::int32_t lowest =
      x_max * (std::min<std::int32_t>(w0, 0) + std::min<std::int32_t>(w1, 0));
  return highest > std::numeric_limits<std::int16_t>::max() ||
         lowest < std::numeric_limits<std::int16_t>::min();
}
// [/add_pair]
static_assert(!can_saturate(-128, -128, 127) && !can_saturate(64, 64, 255));
static_assert(can_saturate(65, 64, 255) && !can_saturate(127, -128, 255));

// The sum over k of x[k] w[k] whose pairs k, k + 1 are added in 16 bits; of an odd K the last
// product stands alone, and fits. Throws Error where the lengths differ.
inline std::int32_t dot_saturating(std::span<const std::uint8_t> x,
                                   std::span<const std::int8_t> w) {
  require(x.size() == w.size(), "a sum of products needs as many weights as inputs", w.size(),
          x.size(), "pass one row of each");
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < x.size(); k += 2) {
    const bool alone = k + 1 == x.size();
    sum += alone ? x[k] * w[k] : add_pair(x[k], w[k], x[k + 1], w[k + 1]);
  }
  return sum;
}

// How many pairs of neighbours k, k + 1 of the rows of w some inputs up to x_max can saturate.
inline std::size_t count_can_saturate(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  std::size_t count = 0;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k + 1 < w.shape(1); k += 2)
      count += can_saturate(w(n, k), w(n, k + 1), x_max) ? 1 : 0;
  return count;
}

}  // namespace qfs

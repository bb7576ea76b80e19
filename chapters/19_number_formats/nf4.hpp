// NF4, "normal float": sixteen numbers chosen for Gaussian weights, and blocks of 64 that share the
// largest magnitude. Table, order and comparisons are those of bitsandbytes.
//
// Symbols as in the text: x reals, a the largest magnitude of a block, c_i the code points.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "19_number_formats/blocks.hpp"

namespace qfs {

inline constexpr std::array<float, 16> kNf4 = {-1.0F,
                                               -0.6961928009986877F,
                                               -0.5250730514526367F,
                                               -0.39491748809814453F,
                                               -0.28444138169288635F,
                                               -0.18477343022823334F,
                                               -0.09105003625154495F,
                                               0.0F,
                                               0.07958029955625534F,
                                               0.16093020141124725F,
                                               0.24611230194568634F,
                                               0.33791524171829224F,
                                               0.44070982933044434F,
                                               0.5626170039176941F,
                                               0.7229568362236023F,
                                               1.0F};
inline constexpr std::size_t kNf4Block = 64;

// [codebook]
// The index of the nearest code point (eq. 19.4): how many midpoints of neighbours lie below x. On
// a midpoint the lower neighbour. `points` ascend.
constexpr std::uint8_t nearest_code(float x, std::span<const float> points) {
  std::uint8_t code = 0;
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    code = static_cast<std::uint8_t>(code + (x > (points[i] + points[i + 1]) / 2.0F ? 1 : 0));
  return code;
}
// [/codebook]

struct Nf4Tensor {
  std::size_t size = 0;             // how many numbers
  std::vector<float> absmax;        // a, one a block; the last block may be short
  std::vector<std::uint8_t> codes;  // two a byte, the first in the high half
  std::size_t bytes() const { return absmax.size() * sizeof(float) + codes.size(); }
  std::uint8_t code(std::size_t i) const {
    return static_cast<std::uint8_t>(i % 2 == 0 ? codes[i / 2] >> 4 : codes[i / 2] & 15);
  }
};

// Blocks run through the whole tensor, from one row into the next. Throws Error on an empty tensor,
// NaN or infinity. An all-zero block (and one so small that 1 / a is not finite) has the code of
// 0: 7.
inline Nf4Tensor quantize_nf4(std::span<const float> x) {
  min_max(x);  // refuses what is empty or not finite
  Nf4Tensor t{x.size(), {}, std::vector<std::uint8_t>((x.size() + 1) / 2)};
  for (std::size_t begin = 0; begin < x.size(); begin += kNf4Block) {
    const std::size_t end = std::min(begin + kNf4Block, x.size());
    t.absmax.push_back(std::fabs(largest_signed(x.subspan(begin, end - begin))));
    const float inverse = inverse_or_zero(t.absmax.back());
    for (std::size_t i = begin; i < end; ++i) {
      const unsigned code = nearest_code(x[i] * inverse, kNf4);
      t.codes[i / 2] = static_cast<std::uint8_t>(t.codes[i / 2] | (i % 2 == 0 ? code << 4 : code));
    }
  }
  return t;
}

inline void dequantize_nf4(const Nf4Tensor& t, std::span<float> x) {
  require(x.size() == t.size, "dequantize_nf4: another number of elements", x.size(), t.size,
          "make the output as long as the tensor was");
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = kNf4[t.code(i)] * t.absmax[i / kNf4Block];
}

static_assert(nearest_code(0.0F, kNf4) == 7 && nearest_code(-1.0F, kNf4) == 0 &&
              nearest_code(1.0F, kNf4) == 15 && nearest_code(0.3F, kNf4) == 11);

}  // namespace qfs

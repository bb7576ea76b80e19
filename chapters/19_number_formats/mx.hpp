// MXFP4 of the OCP microscaling formats: 32 numbers of E2M1 and one power of two for all of them.
//
// Symbols as in the text: x reals, a the largest magnitude of a block, X its scale.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "19_number_formats/blocks.hpp"
#include "19_number_formats/float8.hpp"

namespace qfs {

// [e8m0]
// A scale that is an exponent and nothing else: 2^(code - 127), and 255 is NaN.
constexpr float decode_e8m0(std::uint8_t code) {
  if (code == 255) return std::numeric_limits<float>::quiet_NaN();
  return code > 0 ? power_of_two(code - 127) : power_of_two(-126) / 2.0F;
}

// The scale of a block with largest magnitude a: 2^(floor(log2 a) - 2) (eq. 19.7), for 2^2 is the
// largest power of two in E2M1. a / X lies in [4, 8). floor(log2 a) is read off a's bits, which no
// logarithm can round up. Below 2^-125, and for 0, the smallest scale: 2^-127.
constexpr std::uint8_t choose_e8m0(float a) {
  const int exponent = static_cast<int>(std::bit_cast<std::uint32_t>(a) >> 23 & 255U);
  return static_cast<std::uint8_t>(std::max(exponent - 2, 0));
}
// [/e8m0]

// [mxfp4]
struct BlockMxfp4 {
  std::uint8_t scale = 0;  // E8M0
  Nibbles codes{};         // E2M1
};
static_assert(sizeof(BlockMxfp4) == 17);  // 4.25 bits a number

// Each x / X to the nearest of E2M1, ties to even, beyond 6 to 6. (ggml's, with the same bytes
// otherwise, takes the smaller magnitude of a tie, and +0 where ours keeps -0.)
inline void quantize_block(const BlockValues& x, BlockMxfp4& block) {
  block.scale = choose_e8m0(largest_signed(x));
  block.codes = {};
  const float inverse = power_of_two(127 - block.scale);
  for (std::size_t j = 0; j < kBlock; ++j)
    set_nibble(block.codes, j, encode_float(x[j] * inverse, kE2M1));
}
inline void dequantize_block(const BlockMxfp4& block, BlockValues& x) {
  const float scale = decode_e8m0(block.scale);
  for (std::size_t j = 0; j < kBlock; ++j)
    x[j] = decode_float(nibble(block.codes, j), kE2M1) * scale;
}
// [/mxfp4]

static_assert(decode_e8m0(127) == 1.0F && decode_e8m0(choose_e8m0(1.0F)) == 0.25F);
static_assert(choose_e8m0(6.0F) == choose_e8m0(7.9F) && choose_e8m0(8.0F) == 128);

}  // namespace qfs

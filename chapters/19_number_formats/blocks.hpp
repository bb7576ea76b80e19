// Block formats: 32 neighbours of a row with one scale, stored together. Q8_0 and Q4_0 are ggml's,
// to the byte.
//
// Symbols as in the text: x reals, a the largest magnitude of a block, d scale, q integers.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "17_int4_weights/float16.hpp"

namespace qfs {

inline constexpr std::size_t kBlock = 32;
using BlockValues = std::array<float, kBlock>;
using Nibbles = std::array<std::uint8_t, kBlock / 2>;

// Two numbers of four bits in a byte: number j in the low half of byte j, number j + 16 in its high
// half, so that one AND and one shift give 16 neighbours each.
inline std::uint8_t nibble(const Nibbles& bytes, std::size_t j) {
  const unsigned byte = bytes[j % 16];
  return static_cast<std::uint8_t>(j < 16 ? byte & 15U : byte >> 4);
}
inline void set_nibble(Nibbles& bytes, std::size_t j, unsigned value) {  // the half must be 0
  bytes[j % 16] = static_cast<std::uint8_t>(bytes[j % 16] | value << (j < 16 ? 0 : 4));
}

// The number of largest magnitude, with its sign; of equals the first; 0 of an all-zero block.
inline float largest_signed(std::span<const float> x) {
  float largest = 0.0F;
  for (float value : x)
    if (std::fabs(largest) < std::fabs(value)) largest = value;
  return largest;
}

// A scale as a block keeps it. Throws Error where float16 has none so large.
inline std::uint16_t float16_scale(float d) {
  const std::uint16_t scale = to_float16(d);
  require(std::isfinite(from_float16(scale)), "a block's scale does not fit float16", d,
          "a magnitude below 65520", "look for an outlier, or scale the tensor down");
  return scale;
}

// 1/d for quantizing; 0 where d is so small that there is none: then every q is that of 0.
inline float inverse_or_zero(float d) {
  const float inverse = d != 0.0F ? 1.0F / d : 0.0F;
  return std::isfinite(inverse) ? inverse : 0.0F;
}

// [q8_0]
struct BlockQ8_0 {
  std::uint16_t scale = 0;  // float16
  std::array<std::int8_t, kBlock> q{};
};
static_assert(sizeof(BlockQ8_0) == 34);  // 8.5 bits a number

// d = a / 127, q = x / d rounded, ties away from 0 (eq. 19.6). x is divided by d as it was before
// its rounding to float16, and multiplied by it as it is after.
inline void quantize_block(const BlockValues& x, BlockQ8_0& block) {
  const float d = std::fabs(largest_signed(x)) / 127.0F, inverse = inverse_or_zero(d);
  block.scale = float16_scale(d);
  for (std::size_t j = 0; j < kBlock; ++j)
    block.q[j] = static_cast<std::int8_t>(std::round(x[j] * inverse));
}
inline void dequantize_block(const BlockQ8_0& block, BlockValues& x) {
  const float d = from_float16(block.scale);
  for (std::size_t j = 0; j < kBlock; ++j) x[j] = static_cast<float>(block.q[j]) * d;
}
// [/q8_0]

// [q4_0]
struct BlockQ4_0 {
  std::uint16_t scale = 0;  // float16, of either sign
  Nibbles q{};              // 0..15, which stand for -8..7
};
static_assert(sizeof(BlockQ4_0) == 18);  // 4.5 bits a number

// d = -(the number of largest magnitude) / 8, with its sign: that number becomes exactly -8, so
// all 16 integers are of use. q = x / d + 8 rounded, ties up, and at most 15 (eq. 19.5).
inline void quantize_block(const BlockValues& x, BlockQ4_0& block) {
  const float d = largest_signed(x) / -8.0F, inverse = inverse_or_zero(d);
  block.scale = float16_scale(d);
  block.q = {};
  for (std::size_t j = 0; j < kBlock; ++j)  // the sum is above 0: the cast rounds down
    set_nibble(block.q, j, std::min(15U, static_cast<unsigned>(x[j] * inverse + 8.5F)));
}
inline void dequantize_block(const BlockQ4_0& block, BlockValues& x) {
  const float d = from_float16(block.scale);
  for (std::size_t j = 0; j < kBlock; ++j)
    x[j] = static_cast<float>(int{nibble(block.q, j)} - 8) * d;
}
// [/q4_0]

// A row in blocks. What its last block lacks is stored as 0, and takes its bits. Throws Error on an
// empty row, NaN or infinity.
template <class Block>
std::vector<Block> to_blocks(std::span<const float> x) {
  min_max(x);  // refuses what is empty or not finite
  std::vector<Block> blocks((x.size() + kBlock - 1) / kBlock);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto some = x.subspan(i * kBlock, std::min(kBlock, x.size() - i * kBlock));
    BlockValues padded{};
    std::ranges::copy(some, padded.begin());
    quantize_block(padded, blocks[i]);
  }
  return blocks;
}

// Back: as many numbers as `x` holds.
template <class Block>
void from_blocks(std::span<const Block> blocks, std::span<float> x) {
  require(blocks.size() == (x.size() + kBlock - 1) / kBlock,
          "from_blocks: one block for 32 numbers", blocks.size(), (x.size() + kBlock - 1) / kBlock,
          "pass the blocks of this very row");
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    BlockValues values{};
    dequantize_block(blocks[i], values);
    const auto some = x.subspan(i * kBlock, std::min(kBlock, x.size() - i * kBlock));
    std::copy_n(values.begin(), some.size(), some.begin());
  }
}

}  // namespace qfs

// Bytes times weights of 4 bits, two to a byte: unpacked in registers, eight pairs of products to a
// 16-bit lane, a scale per group.
//
// No exceptions, no allocation, no standard library: what the AVX2 file may include.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::u8s4 {

inline constexpr std::size_t kOutputs = 8;       // of a block: the 32-bit lanes of a register
inline constexpr std::size_t kInputs = 32;       // of a chunk: four of each of eight steps
inline constexpr std::size_t kChunkBytes = 128;  // of 8 x 32 codes of 4 bits
inline constexpr std::size_t kRowsTogether = 4;  // that share what is unpacked

// [lane]
// What the kernel multiplies by is the code u = q + 8, 0 to 15. vpmaddubsw adds two products:
inline constexpr int kLargestPair = 2 * 255 * 15;
static_assert(kLargestPair <= 32767);  // it never saturates
// A lane takes one pair of each of the 8 steps of a chunk, 16 inputs in all. It starts at minus 8
// times their sum, so that what stands in it at the end is the sum of the q_x q_w themselves (eq.
// 17.7). Codes are never negative, so the lane only climbs, from its start to that sum. Both ends
// fit whatever the inputs are (eq. 17.6), and so does everything in between.
inline constexpr int kLowest = -16 * 255 * 8, kHighest = 16 * 255 * 7;
static_assert(kLowest >= -32768 && kHighest <= 32767);  // -32640 and 28560
// [/lane]

// The inputs of a weight as the kernel sees them: groups of whole chunks, every group but the last
// of `chunks`, the last of `last_chunks`. Chunk c of block b, of `all` chunks a block, has its 128
// bytes at codes + (b all + c) 128. Byte i of its j-th 32 is of output i / 4: low the code of input
// 8 j + i % 4, high that of input 8 j + 4 + i % 4. What lies past N, or past a group, has the code
// of 0, which is 8.
struct Weights {
  std::size_t blocks;               // of 8 outputs
  std::size_t groups;               // of each, at least 1
  std::size_t chunks, last_chunks;  // of a group
  const std::uint8_t* codes;        // 32-byte aligned
  const float* scale;               // [block][group][8]
  const std::int32_t* weight_sum;   // [block][group][8]: the sum of q_w over the group
};

// Rows of bytes, laid out as the groups are, with zeros behind a short one; and where the two lanes
// of every chunk start: minus 8 times the sum of the inputs 4 i and 4 i + 1 of the chunk, i = 0..7,
// and of the inputs 4 i + 2 and 4 i + 3.
struct Inputs {
  std::size_t rows, chunks;   // of a row: (groups - 1) chunks + last_chunks
  const std::uint8_t* x;      // [row][chunk][32]
  const std::int16_t* start;  // [row][chunk][2]
  std::int32_t zero_point;    // z_x
};

// total[row][8 blocks] = the sum over g of s_w[n, g] times the group's integer sum, float32, the
// groups in their order, every product and every sum rounded (eq. 17.3). For every input there is.
using Multiply = void(const Weights& weights, const Inputs& inputs, float* total);
Multiply multiply_plain;  // any CPU
Multiply multiply_avx2;   // the same bits; x86-64 with AVX2

}  // namespace qfs::u8s4

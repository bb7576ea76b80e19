// The kernel by AMX: 2 x 2 tile registers of sums, 32 rows x 32 outputs. The numbers of the tile
// registers stand in the instructions, as literals (tile_configuration, amx.hpp).
#include <immintrin.h>

#include "12_wider_instructions/fours.hpp"

namespace qfs::fours {
namespace {

// [multiply_tiles]
// A step is 64 inputs; all lines are of one run: in two tile registers of x, each row's next 64
// bytes, in place; in two of weights, the next 16 lines of a block. Four tdpbusd for four of them
// loaded.
template <bool LowerRows, bool SecondBlock>
void multiply_tiles(const Part& part, std::size_t row) {
  const std::uint8_t* x = part.x + row * part.x_stride;
  std::int32_t* sums = part.sums + row * part.sums_stride;
  const std::size_t sums_bytes = part.sums_stride * sizeof(std::int32_t);
  const std::size_t lower = kTileRows * part.sums_stride;
  // With 0 bytes from row to row, all rows of a tile begin alike.
  _tile_loadd(0, part.start, 0);
  if constexpr (SecondBlock) _tile_loadd(1, part.start + kOutputs, 0);
  if constexpr (LowerRows) _tile_loadd(2, part.start, 0);
  if constexpr (LowerRows && SecondBlock) _tile_loadd(3, part.start + kOutputs, 0);
  for (std::size_t line = 0; line < part.lines; line += kTileRows) {
    const std::uint8_t* inputs = x + line * kInputs;
    const std::int8_t* w = part.w + line * kLineBytes;
    _tile_loadd(4, inputs, part.x_stride);
    _tile_loadd(6, w, kLineBytes);
    _tile_dpbusd(0, 4, 6);
    if constexpr (SecondBlock) _tile_loadd(7, w + part.block_stride, kLineBytes);
    if constexpr (SecondBlock) _tile_dpbusd(1, 4, 7);
    if constexpr (LowerRows) _tile_loadd(5, inputs + kTileRows * part.x_stride, part.x_stride);
    if constexpr (LowerRows) _tile_dpbusd(2, 5, 6);
    if constexpr (LowerRows && SecondBlock) _tile_dpbusd(3, 5, 7);
  }
  _tile_stored(0, sums, sums_bytes);
  if constexpr (SecondBlock) _tile_stored(1, sums + kOutputs, sums_bytes);
  if constexpr (LowerRows) _tile_stored(2, sums + lower, sums_bytes);
  if constexpr (LowerRows && SecondBlock) _tile_stored(3, sums + lower + kOutputs, sums_bytes);
}
// [/multiply_tiles]

template <bool SecondBlock>
void multiply_rows(const Part& part) {
  for (std::size_t row = 0; row < part.rows; row += 2 * kTileRows)
    if (part.rows - row > kTileRows)
      multiply_tiles<true, SecondBlock>(part, row);
    else
      multiply_tiles<false, SecondBlock>(part, row);
}

}  // namespace

void multiply_amx(const Part& part) {
  if (part.blocks == 2)
    multiply_rows<true>(part);
  else
    multiply_rows<false>(part);
}

void load_tile_configuration(const void* bytes) { _tile_loadconfig(bytes); }

void release_tiles() { _tile_release(); }

}  // namespace qfs::fours

// What AMX wants before its first instruction: the system's permission, once a process, and the
// shape of the tile registers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "12_wider_instructions/fours.hpp"

namespace qfs {

// Whether this process may use tiles. The eight of them are 8 KB that the system must keep for
// every thread that it interrupts; Linux (5.16 and later) does so for processes that ask. The first
// call asks, and all threads get the answer.
bool request_amx();

// The 64 bytes that ldtilecfg reads.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1;  // eight tiles of at most 16 rows x 64 bytes
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};

  constexpr void set(std::size_t tile, std::size_t tile_rows) {
    rows[tile] = static_cast<std::uint8_t>(tile_rows);
    row_bytes[tile] = tile_rows == 0 ? 0 : 64;  // the CPU refuses one without the other
  }
};
static_assert(sizeof(TileConfiguration) == 64);

// [tile_configuration]
// Of 2 x 2 tile registers: tmm0 to tmm3 are sums, tmm4 and tmm5 rows of x, tmm6 and tmm7 lines of
// weights. Fewer than 32 rows take smaller registers, and 16 or fewer only the upper ones.
constexpr TileConfiguration tile_configuration(std::size_t rows) {
  const std::size_t upper = std::min(rows, fours::kTileRows);
  const std::size_t lower = std::min(rows - upper, fours::kTileRows);
  TileConfiguration all;
  for (std::size_t tile : {0U, 1U, 4U}) all.set(tile, upper);
  for (std::size_t tile : {2U, 3U, 5U}) all.set(tile, lower);
  for (std::size_t tile : {6U, 7U}) all.set(tile, fours::kTileRows);
  return all;
}
// [/tile_configuration]

}  // namespace qfs

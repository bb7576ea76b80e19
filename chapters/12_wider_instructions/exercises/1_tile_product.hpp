// Exercise 12.1: the instruction that multiplies tiles, on plain arrays.
//
// Write tile_product, which is tdpbusd (eq. 12.2) without its limits of 16 rows and 64 bytes: for
// M rows, N outputs and any number of lines, 0 too,
//
//   sums[m, n] += the sum over all lines k and i = 0..3 of x[m, 4 k + i] w[k, 4 n + i]
//
// All three are row-major and lie one row after the other: x has M rows of 4 * lines bytes, w has
// `lines` rows of 4 N bytes, sums M rows of N. x and w come as a register holds them, in bytes:
// those of x are unsigned, those of w are signed, so that 0x80 is 128 in x and -128 in w.
//
// The sums go on from what is there, and wrap at 32 bits, as those of the instruction do: one above
// 2147483647 is -2147483648. With care: where a signed integer of C++ leaves its range the program
// has no meaning. An unsigned one wraps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct TileShape {
  std::size_t M = 0, N = 0, lines = 0;
};

inline void tile_product([[maybe_unused]] TileShape shape,
                         [[maybe_unused]] std::span<const std::uint8_t> x,
                         [[maybe_unused]] std::span<const std::uint8_t> w,
                         [[maybe_unused]] std::span<std::int32_t> sums) {
  // TODO: add the products to the sums.
  qfs::not_written_yet("12.1: tile_product");
}

}  // namespace exercise

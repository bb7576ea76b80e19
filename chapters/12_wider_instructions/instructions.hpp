// The two instructions as the CPU's manual defines them, in plain C++ (the loops of tdpbusd:
// kernels.cpp): for the plain kernel, for tests, and to read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace qfs {

// [vpdpbusd]
// A lane: four products of at most 255 * 128 in magnitude, exact, on top of what is there
// (eq. 12.1). The sum wraps at 32 bits, and does not get there: pack_shape (chapter 06) has made
// sure of that for the products, fold_zero_points (eq. 2.7) for the bias before them.
constexpr std::int32_t vpdpbusd(std::int32_t sum, const std::uint8_t* x, const std::int8_t* w) {
  const std::int32_t four = x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) +
                                   static_cast<std::uint32_t>(four));
}
// [/vpdpbusd]

// A tile register of AMX: up to 16 rows of up to 64 bytes; how many, its configuration says.
struct TileRegister {
  std::size_t rows = 0, row_bytes = 0;
  alignas(64) std::array<std::array<std::uint8_t, 64>, 16> bytes{};
};

// sums[m][n] += x[m][4k .. 4k+3] times w[k][4n .. 4n+3], over the rows k of w: a product of
// matrices, 16 x 16 sums of 64 products each (eq. 12.2).
void tdpbusd(TileRegister& sums, const TileRegister& x, const TileRegister& w);

}  // namespace qfs

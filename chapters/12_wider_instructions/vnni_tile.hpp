// The kernel by vpdpbusd, for registers of any width. Both vnni256_tile.cpp and vnni512_tile.cpp
// bring their registers, `V`, from an unnamed namespace: so no copy of what stands here is shared.
#pragma once

#include "12_wider_instructions/fours.hpp"

namespace qfs::fours {

// [multiply_tile]
// Rows x Blocks sums stay in registers while all lines pass: of each the weights, then row by row
// four inputs, broadcast to all outputs, and a vpdpbusd for each register of weights. Inline: to
// call it for every tile costs a tenth where the rows are short.
template <class V, std::size_t Rows, std::size_t Blocks>
[[gnu::always_inline]] inline void multiply_tile(const Part& part, std::size_t row) {
  using Register = typename V::Register;
  constexpr std::size_t kPerLine = kOutputs / V::kLanes;
  constexpr std::size_t kColumns = Blocks * kPerLine;  // registers
  const std::uint8_t* x = part.x + row * part.x_stride;
  const std::size_t stride = part.sums_stride;
  std::int32_t* sums = part.sums + row * stride;
  Register acc[Rows][kColumns];
#pragma GCC unroll 14
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kColumns; ++c) acc[r][c] = V::load(part.start + c * V::kLanes);
  const std::int8_t* weights = part.w;
  for (std::size_t run = 0; run < part.lines; run += part.run_lines, x += part.run_step)
    for (std::size_t line = 0; line < part.run_lines; ++line, weights += kLineBytes) {
      Register w[kColumns];
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kColumns; ++c)
        w[c] =
            V::load(weights + c / kPerLine * part.block_stride + c % kPerLine * sizeof(Register));
#pragma GCC unroll 14
      for (std::size_t r = 0; r < Rows; ++r) {
        const Register four = V::broadcast(x + r * part.x_stride + line * kInputs);
#pragma GCC unroll 4
        for (std::size_t c = 0; c < kColumns; ++c) acc[r][c] = V::vpdpbusd(acc[r][c], four, w[c]);
      }
    }
#pragma GCC unroll 14
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kColumns; ++c)
      V::store(sums + r * stride + c * V::kLanes, acc[r][c]);
}
// [/multiply_tile]

// The rows from `row` on, of which there are Rows or fewer.
template <class V, std::size_t Rows, std::size_t Blocks>
void multiply_last_rows(const Part& part, std::size_t row) {
  if (part.rows - row == Rows)
    multiply_tile<V, Rows, Blocks>(part, row);
  else if constexpr (Rows > 1)
    multiply_last_rows<V, Rows - 1, Blocks>(part, row);
}

template <class V, std::size_t Rows, std::size_t Blocks>
void multiply_rows(const Part& part) {
  std::size_t row = 0;
  for (; row + Rows <= part.rows; row += Rows) multiply_tile<V, Rows, Blocks>(part, row);
  multiply_last_rows<V, Rows - 1, Blocks>(part, row);
}

}  // namespace qfs::fours

// Exercise 12.3: vpdpbusd for a CPU that has none.
//
// Write add_block, a row of inputs times a block of weights: for n = 0 to 15,
//
//   sums[n] += the sum over all lines k and i = 0..3 of x[4 k + i] w[64 k + 4 n + i]
//
// It is what vpdpbusd makes of lines (fours.hpp), with the instructions of AVX2, and exact for all
// bytes: 255 times -128, four times, too. vpmaddubsw saturates; but bytes that are widened to 16
// bits first may be multiplied by vpmaddwd, whose lanes have 32 (chapter 10). The sums go on from
// what is there, and wrap at 32 bits, as vpaddd does.
//
// x has 4 * lines bytes, w 64 * lines; all three arrays may lie at any address. Read nothing behind
// x or w, and write nothing beside the 16 sums. `lines` is any number, 0 too.
//
// First it is judged for being right, then for its speed: seven blocks of 196 lines, in turn with
// qfs::vpdpbusd of instructions.hpp, lane by lane, and with our solution. It passes at 0.8 x of
// ours in the best of three tries.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/exercise.hpp"

namespace exercise {

// This one function is compiled for AVX2. So must be every function that it calls and that takes or
// returns a register.
[[gnu::target("avx2")]] inline void add_block([[maybe_unused]] const std::uint8_t* x,
                                              [[maybe_unused]] const std::int8_t* w,
                                              [[maybe_unused]] std::size_t lines,
                                              [[maybe_unused]] std::int32_t* sums) {
  // TODO: add to 16 sums.
  qfs::not_written_yet("12.3: add_block");
}

}  // namespace exercise

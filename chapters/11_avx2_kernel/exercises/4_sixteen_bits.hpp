// Exercise 11.4: eight products in 16 bits.
//
// Write sixteen_bits, the product of 32 rows with one output: sums[row] = the sum over k of x[row,
// k] w[k]. Inputs are 0 to 127, weights -32 to 32. So small are they that eight products fit a
// 16-bit lane, 8 * 127 * 32 = 32 512: the results of four vpmaddubsw may be added in 16 bits before
// one vpmaddwd, where rung 4 of the ladder (avx2_bytes.cpp) has four.
//
// x is interleaved as the kernel's (panel.hpp): four strips of eight rows, strip_bytes apart. In a
// strip the inputs k to k + 3 (k a multiple of 4) of row r, 0 to 7, are the four bytes from 8 k + 4
// r on. If 4 does not divide K the last step is filled with zeros. Strips are 32-byte aligned. w is
// a row of K weights, at any address; read nothing behind w[K - 1]. K is any number, 0 too. sums
// has room for 32, at any address; whatever was in it is overwritten.
//
// First it is judged for being right, then for its speed: 100 rows of weights, K = 784, in turn
// with one vpmaddwd for every vpmaddubsw and with our solution. It passes at 0.8 x of ours in the
// best of three tries.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/exercise.hpp"

namespace exercise {

// This one function is compiled for AVX2. So must be every function that it calls and that takes or
// returns a register.
[[gnu::target("avx2")]] inline void sixteen_bits([[maybe_unused]] const std::uint8_t* x,
                                                 [[maybe_unused]] std::size_t strip_bytes,
                                                 [[maybe_unused]] const std::int8_t* w,
                                                 [[maybe_unused]] std::size_t K,
                                                 [[maybe_unused]] std::int32_t* sums) {
  // TODO: write 32 sums.
  qfs::not_written_yet("11.4: sixteen_bits");
}

}  // namespace exercise

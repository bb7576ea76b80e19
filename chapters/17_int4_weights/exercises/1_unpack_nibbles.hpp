// Exercise 17.1: from nibbles to bytes, 64 at a time.
//
// Write unpack_nibbles, chapter 17's unpack_bits (eq. 17.2) for 4 bits by AVX2: of every byte the
// low half comes first, and q is the code minus 8. So byte 0xF5 is -3, then 7. Here the integers
// are to stand in their own order, one after the other, as chapter 13's kernels of 8 bits want
// them.
//
// count is any number, 0 and odd ones too: of an odd one the last byte holds one code, low. Both
// arrays may lie at any address. Read nothing behind bytes[(count + 1) / 2 - 1], and write nothing
// behind q[count - 1].
//
// First it is judged for being right, then for its speed: 8192 integers, again and again, in turn
// with qfs's plain unpack_bits and with our solution. It passes at 0.8 x of ours in the best of
// three tries.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/exercise.hpp"

namespace exercise {

// This one function is compiled for AVX2. So must be every function that it calls and that takes or
// returns a register.
[[gnu::target("avx2")]] inline void unpack_nibbles([[maybe_unused]] const std::uint8_t* bytes,
                                                   [[maybe_unused]] std::size_t count,
                                                   [[maybe_unused]] std::int8_t* q) {
  // TODO: write count integers.
  qfs::not_written_yet("17.1: unpack_nibbles");
}

}  // namespace exercise

// What the CPU can do at most, without memory: chapter 10's limits (rungs.hpp), and those of the
// instructions and of the sums in 16 bits that came later. Each runs `rounds` rounds of an
// instruction sequence on registers and returns the products it made.
//
// The other files of this folder are compiled for one instruction set each. They see this header
// and the intrinsics, and nothing of the standard library (cmake/QfsInstructionSets.cmake).
#pragma once

#include <cstddef>

namespace qfs::bench {

// avx2.cpp. Of vpmaddubsw every lane is two products. Four a lane: two vpmaddubsw, vpaddw, then
// vpmaddwd, vpaddd. Sixteen: eight of them. 16 bits throughout: never widened.
double limit_lane_of_4(std::size_t rounds);
double limit_lane_of_16(std::size_t rounds);
double limit_16_bits(std::size_t rounds);
// avx_vnni.cpp, avx512.cpp: four products a lane of 32 bits.
double limit_vpdpbusd_vex(std::size_t rounds);
double limit_vpdpbusd_ymm(std::size_t rounds);
double limit_vpdpbusd_zmm(std::size_t rounds);
double limit_fma_zmm(std::size_t rounds);
// amx.cpp: 16 x 16 sums of 64 products. The system must have given its permission.
double limit_tdpbusd(std::size_t rounds);

// A static copy for every file, since the files have different flags. Makes the compiler forget
// what it knows of a register, so that no step is left out.
template <class Register>
static inline __attribute__((always_inline)) void forget(Register& value) {
  asm volatile("" : "+v"(value));
}

// `step(sum, a)` once for each of ten sums, which do not wait for each other, in every round. All
// loops over sums are unrolled, or the sums would live in memory.
template <class Register, class Step>
static inline __attribute__((always_inline)) double chains(std::size_t rounds, Register a,
                                                           double products_of_step, Step step) {
  Register sums[10];
#pragma GCC unroll 10
  for (std::size_t c = 0; c < 10; ++c) sums[c] = a;
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 10
    for (std::size_t c = 0; c < 10; ++c) {
      forget(a);
      sums[c] = step(sums[c], a);
    }
  }
#pragma GCC unroll 10
  for (std::size_t c = 0; c < 10; ++c) forget(sums[c]);
  return static_cast<double>(rounds) * 10 * products_of_step;
}

}  // namespace qfs::bench

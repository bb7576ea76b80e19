// One product, written again and again, each time with one idea more: the rungs of the ladder.
//
// All of them compute acc[m, n] = sum over k of x[m, k] * w[n, k], x unsigned and w signed 8-bit,
// the sums 32-bit: chapter 02's gemm_u8s8s32_ref, which stays the judge of every rung.
//
// The files avx2_*.cpp are the only ones compiled for AVX2. They see this header and the
// intrinsics, and nothing of the standard library: a std function compiled there could be linked
// into code that runs on a CPU without AVX2.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::ladder {

// Row-major and without gaps: x is M x K, acc M x N. w is what the rung's pack made of N x K
// integers, or those integers themselves where it has none.
struct Task {
  std::size_t M, N, K;
  const std::uint8_t* x;
  const void* w;
  std::int32_t* acc;
};

// How many blocks of `size` hold n things. Static: a copy of its own for every file.
static constexpr std::size_t blocks_of(std::size_t size, std::size_t n) {
  return (n + size - 1) / size;
}

// [rung]
struct Rung {
  const char* name;
  bool needs_avx2;
  // Adds two products in 16 bits, which hold -32768 to 32767: exact only where both always fit.
  bool adds_in_16_bits;
  void (*run)(const Task& task);
  // Lays out N x K weights in `packed`, 32-byte aligned, packed_bytes(N, K) long. Null: run reads
  // the weights as they are.
  std::size_t (*packed_bytes)(std::size_t N, std::size_t K) = nullptr;
  void (*pack)(std::size_t N, std::size_t K, const std::int8_t* w, void* packed) = nullptr;
};
// [/rung]

// avx2_compiler.cpp
void run_compiler(const Task& task);
// avx2_widened.cpp
void run_widened(const Task& task);
// avx2_bytes.cpp
void run_bytes(const Task& task);
// avx2_packed.cpp
std::size_t packed_bytes(std::size_t N, std::size_t K);
void pack(std::size_t N, std::size_t K, const std::int8_t* w, void* packed);
void run_packed(const Task& task);
// avx2_tiled.cpp
std::size_t tiled_bytes(std::size_t N, std::size_t K);
void pack_tiled(std::size_t N, std::size_t K, const std::int8_t* w, void* packed);
void run_tiled(const Task& task);

// avx2_limits.cpp: what the CPU can do at most, without memory. Each runs `rounds` rounds of an
// instruction sequence on registers and returns the products it made.
using Limit = double (*)(std::size_t rounds);
double limit_fma(std::size_t rounds);      // float32: vfmadd231ps. Needs FMA
double limit_madd(std::size_t rounds);     // 16 bits: vpmaddwd, vpaddd
double limit_maddubs(std::size_t rounds);  // 8 bits: vpmaddubsw, vpmaddwd, vpaddd

}  // namespace qfs::ladder

// Exercise 10.3, solved.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "10_kernel_ladder/rungs.hpp"

namespace exercise {

// [solution]
// Rung 5 with four products to a 16-bit lane, 4 * 127 * 64 = 32 512, and sixteen outputs at a time,
// which share a broadcast. The weights lie as for the tiles of rung 6: blocks of 8 outputs, by
// twos.
inline std::size_t packed_bytes(std::size_t N, std::size_t K) {
  return qfs::ladder::tiled_bytes(N, K);
}

inline void pack(std::size_t N, std::size_t K, const std::int8_t* w, void* packed) {
  qfs::ladder::pack_tiled(N, K, w, packed);
}

// Two products to a 16-bit lane: up to four inputs, zeros where the row has ended.
[[gnu::target("avx2")]] inline __m256i pairs(const std::uint8_t* x, std::size_t count,
                                             const std::int8_t* w) {
  std::int32_t four = 0;
  std::memcpy(&four, x, count);
  return _mm256_maddubs_epi16(_mm256_set1_epi32(four),
                              _mm256_load_si256(reinterpret_cast<const __m256i*>(w)));
}

[[gnu::target("avx2")]] inline __m256i add(__m256i sums, __m256i in_16_bits) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(in_16_bits, _mm256_set1_epi16(1)));
}

[[gnu::target("avx2")]] inline void sixteen_outputs(const std::uint8_t* x, const std::int8_t* w,
                                                    std::size_t K, __m256i (&sums)[2]) {
  const std::int8_t* blocks[2] = {w, w + qfs::ladder::blocks_of(4, K) * 32};
  std::size_t k = 0;
  for (; k + 8 <= K; k += 8)  // one vpmaddwd, where rung 5 has two
    for (int b = 0; b < 2; ++b)
      sums[b] = add(sums[b], _mm256_add_epi16(pairs(x + k, 4, blocks[b] + 8 * k),
                                              pairs(x + k + 4, 4, blocks[b] + 8 * k + 32)));
  for (; k < K; k += 4)
    for (int b = 0; b < 2; ++b)
      sums[b] = add(sums[b], pairs(x + k, K - k < 4 ? K - k : 4, blocks[b] + 8 * k));
}

[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  const auto* w = static_cast<const std::int8_t*>(task.w);
  const std::size_t block = qfs::ladder::blocks_of(4, task.K) * 32;
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 16) {
      __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
      sixteen_outputs(task.x + m * task.K, w + n / 8 * block, task.K, sums);
      const std::size_t left = task.N - n < 16 ? task.N - n : 16;
      std::memcpy(task.acc + m * task.N + n, sums, left * sizeof(std::int32_t));
    }
}
// [/solution]

}  // namespace exercise

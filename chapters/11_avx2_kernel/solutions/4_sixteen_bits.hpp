// Exercise 11.4, solved.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace exercise {

// [solution]
// A register for each strip.
struct FourStrips {
  __m256i of[4];
};

[[gnu::target("avx2")]] inline __m256i broadcast(const std::int8_t* w) {
  std::int32_t four;
  std::memcpy(&four, w, 4);
  return _mm256_set1_epi32(four);
}

// A group of steps: added in 16 bits, then widened once.
template <std::size_t Steps>
[[gnu::target("avx2")]] inline void add_group(FourStrips& sums, const std::uint8_t* x,
                                              std::size_t strip_bytes, const std::int8_t* w) {
  FourStrips lanes;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Steps; ++i) {
    const __m256i weights = broadcast(w + 4 * i);
#pragma GCC unroll 4
    for (std::size_t s = 0; s < 4; ++s) {
      const auto* strip = reinterpret_cast<const __m256i*>(x + s * strip_bytes + 32 * i);
      const __m256i pairs = _mm256_maddubs_epi16(_mm256_load_si256(strip), weights);
      lanes.of[s] = i == 0 ? pairs : _mm256_add_epi16(lanes.of[s], pairs);
      // Added now: put off, the pairs need more registers than there are.
      asm("" : "+x"(lanes.of[s]));
    }
  }
#pragma GCC unroll 4
  for (std::size_t s = 0; s < 4; ++s) {
    const __m256i of_rows = _mm256_madd_epi16(lanes.of[s], _mm256_set1_epi16(1));
    sums.of[s] = _mm256_add_epi32(sums.of[s], of_rows);
  }
}

[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  const __m256i zero = _mm256_setzero_si256();
  FourStrips total{{zero, zero, zero, zero}};
  std::size_t k = 0;
  for (; k + 16 <= K; k += 16) add_group<4>(total, x + 8 * k, strip_bytes, w + k);
  for (; k + 4 <= K; k += 4) add_group<1>(total, x + 8 * k, strip_bytes, w + k);
  if (k < K) {
    std::int8_t last[4] = {};
    std::memcpy(last, w + k, K - k);
    add_group<1>(total, x + 8 * k, strip_bytes, last);
  }
  std::memcpy(sums, &total, sizeof total);
}
// [/solution]

}  // namespace exercise

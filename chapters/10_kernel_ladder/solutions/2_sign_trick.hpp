// Exercise 10.2, solved.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace exercise {

// [solution]
// The sum of the eight 32-bit lanes.
[[gnu::target("avx2")]] inline std::int32_t sum_of_lanes(__m256i v) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0b01'00'11'10));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0b00'00'00'01)));
}

// Two products share 16 bits: 2 * 128 * 127 = 32 512 fits.
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 32 <= K; k += 32) {
    const __m256i x8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k));
    const __m256i w8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + k));
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x8), _mm256_sign_epi8(w8, x8));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, ones));
  }
  std::int32_t sum = sum_of_lanes(sums);
  for (; k < K; ++k) sum += x[k] * w[k];
  return sum;
}
// [/solution]

}  // namespace exercise

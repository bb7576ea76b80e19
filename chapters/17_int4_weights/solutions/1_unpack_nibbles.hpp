// Exercise 17.1, solved.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace exercise {

// [solution]
[[gnu::target("avx2")]] inline void unpack_64(const std::uint8_t* bytes, std::int8_t* q) {
  const __m256i low_bits = _mm256_set1_epi8(15), eight = _mm256_set1_epi8(8);
  const __m256i two = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i low = _mm256_and_si256(two, low_bits);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(two, 4), low_bits);
  const __m256i a = _mm256_unpacklo_epi8(low, high);  // integers 0..15 and 32..47
  const __m256i b = _mm256_unpackhi_epi8(low, high);  // 16..31 and 48..63
  auto* to = reinterpret_cast<__m256i*>(q);
  _mm256_storeu_si256(to, _mm256_sub_epi8(_mm256_permute2x128_si256(a, b, 0x20), eight));
  _mm256_storeu_si256(to + 1, _mm256_sub_epi8(_mm256_permute2x128_si256(a, b, 0x31), eight));
}

[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) unpack_64(bytes + k / 2, q + k);
  if (k == count) return;
  std::uint8_t last[32] = {};
  std::int8_t some[64];
  std::memcpy(last, bytes + k / 2, (count - k + 1) / 2);
  unpack_64(last, some);
  std::memcpy(q + k, some, count - k);
}
// [/solution]

}  // namespace exercise

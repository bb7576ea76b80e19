// Exercise 12.3, solved.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace exercise {

// [solution]
// Four inputs, widened, for every output of a quarter of a line: 4 outputs, 16 words.
[[gnu::target("avx2")]] inline __m256i four_inputs(const std::uint8_t* x) {
  std::int32_t four;
  std::memcpy(&four, x, 4);
  return _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
}

[[gnu::target("avx2")]] inline __m256i quarter_line(const std::int8_t* w) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w)));
}

// Two quarters, whose outputs have two lanes each, on top of eight sums.
[[gnu::target("avx2")]] inline void add_lanes(__m256i first, __m256i second, std::int32_t* sums) {
  auto* eight = reinterpret_cast<__m256i*>(sums);
  const __m256i mixed = _mm256_hadd_epi32(first, second);  // outputs 0 1 4 5 | 2 3 6 7
  const __m256i in_order = _mm256_permute4x64_epi64(mixed, 0xD8);
  _mm256_storeu_si256(eight, _mm256_add_epi32(_mm256_loadu_si256(eight), in_order));
}

[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  __m256i lanes[4] = {};
  for (std::size_t k = 0; k < lines; ++k) {
    const __m256i inputs = four_inputs(x + 4 * k);
#pragma GCC unroll 4
    for (std::size_t q = 0; q < 4; ++q) {
      const __m256i pairs = _mm256_madd_epi16(inputs, quarter_line(w + 64 * k + 16 * q));
      lanes[q] = _mm256_add_epi32(lanes[q], pairs);
    }
  }
  add_lanes(lanes[0], lanes[1], sums);
  add_lanes(lanes[2], lanes[3], sums + 8);
}
// [/solution]

}  // namespace exercise

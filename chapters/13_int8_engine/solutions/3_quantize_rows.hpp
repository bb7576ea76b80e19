// Exercise 13.3, solved.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "01_affine_math/affine.hpp"

namespace exercise {

// [solution]
// One number in all lanes of each.
struct Lanes {
  __m256 reciprocal, low, high;
  __m256i zero_point;
};

[[gnu::target("avx2")]] inline Lanes lanes_of(qfs::QuantParams params) {
  return {_mm256_set1_ps(1.0F / params.scale),
          _mm256_set1_ps(static_cast<float>(-params.zero_point)),
          _mm256_set1_ps(static_cast<float>(255 - params.zero_point)),
          _mm256_set1_epi32(params.zero_point)};
}

// Clamped as a real, between two integers; then rounded by the conversion, halves to even.
[[gnu::target("avx2")]] inline __m256i quantize_eight(const float* x, const Lanes& to) {
  const __m256 steps = _mm256_mul_ps(_mm256_loadu_ps(x), to.reciprocal);
  const __m256 known = _mm256_and_ps(steps, _mm256_cmp_ps(steps, steps, _CMP_ORD_Q));  // NaN: 0
  const __m256 clamped = _mm256_min_ps(_mm256_max_ps(known, to.low), to.high);
  return _mm256_add_epi32(_mm256_cvtps_epi32(clamped), to.zero_point);
}

// Packing works on each half of a register: the fours of bytes come out as 0 2 4 6 1 3 5 7.
[[gnu::target("avx2")]] inline void quantize_32(const float* x, const Lanes& to, std::uint8_t* q) {
  const __m256i first = _mm256_packs_epi32(quantize_eight(x, to), quantize_eight(x + 8, to));
  const __m256i second = _mm256_packs_epi32(quantize_eight(x + 16, to), quantize_eight(x + 24, to));
  const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(first, second),
                                                    _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(q), bytes);
}

[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const Lanes to = lanes_of(params);
  std::size_t i = 0;
  for (; i + 32 <= count; i += 32) quantize_32(x + i, to, q + i);
  if (i == count) return;
  float last[32] = {};
  std::uint8_t bytes[32];
  std::memcpy(last, x + i, (count - i) * sizeof(float));
  quantize_32(last, to, bytes);
  std::memcpy(q + i, bytes, count - i);
}
// [/solution]

}  // namespace exercise

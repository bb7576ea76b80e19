// What several rungs do with a register. For files compiled for AVX2 alone: every function here
// stays within its file.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace qfs::ladder {
namespace {

// The sum of the eight 32-bit lanes.
[[maybe_unused]] std::int32_t sum_of_lanes(__m256i v) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0b01'00'11'10));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0b00'00'00'01)));
}

// Four bytes of x in every 32-bit lane.
[[maybe_unused]] __m256i broadcast(const std::uint8_t* x) {
  std::int32_t four;
  std::memcpy(&four, x, 4);
  return _mm256_set1_epi32(four);
}

// Where fewer than four are left of the row: zeros in their place. Nothing past the row is read.
[[maybe_unused]] __m256i broadcast_last(const std::uint8_t* x, std::size_t left) {
  std::uint8_t four[4] = {};
  for (std::size_t i = 0; i < left; ++i) four[i] = x[i];
  return broadcast(four);
}

// sums + x w, four products to each 32-bit lane: vpmaddubsw, which saturates, vpmaddwd, vpaddd.
[[maybe_unused]] __m256i add_products(__m256i sums, __m256i x8, __m256i w8) {
  const __m256i pairs = _mm256_maddubs_epi16(x8, w8);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

}  // namespace
}  // namespace qfs::ladder

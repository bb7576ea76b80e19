// Products of u8 by s8 that share lanes of 16 bits.
#include <immintrin.h>

#include "bench/limits/limits.hpp"

namespace qfs::bench {
namespace {

// `instructions` vpmaddubsw are added in 16 bits before their lanes are widened.
template <int instructions>
double shared_lanes(std::size_t rounds) {
  const __m256i w = _mm256_set1_epi8(1), ones = _mm256_set1_epi16(1);
  return chains(rounds, _mm256_set1_epi8(2), 32.0 * instructions, [&](__m256i sum, __m256i x) {
    __m256i lanes = _mm256_maddubs_epi16(x, w);
#pragma GCC unroll 8
    for (int i = 1; i < instructions; ++i) {
      forget(x);
      lanes = _mm256_add_epi16(lanes, _mm256_maddubs_epi16(x, w));
    }
    return _mm256_add_epi32(sum, _mm256_madd_epi16(lanes, ones));
  });
}

}  // namespace

double limit_lane_of_4(std::size_t rounds) { return shared_lanes<2>(rounds); }

double limit_lane_of_16(std::size_t rounds) { return shared_lanes<8>(rounds); }

double limit_16_bits(std::size_t rounds) {
  const __m256i w = _mm256_set1_epi8(1);
  return chains(rounds, _mm256_set1_epi8(2), 32, [&](__m256i sum, __m256i x) {
    return _mm256_add_epi16(sum, _mm256_maddubs_epi16(x, w));
  });
}

}  // namespace qfs::bench

// vpdpbusd and the float product, as CPUs with AVX-512 have them.
#include <immintrin.h>

#include "bench/limits/limits.hpp"

namespace qfs::bench {

double limit_vpdpbusd_ymm(std::size_t rounds) {
  const __m256i w = _mm256_set1_epi8(1);
  return chains(rounds, _mm256_set1_epi8(2), 32,
                [&](__m256i sum, __m256i x) { return _mm256_dpbusd_epi32(sum, x, w); });
}

double limit_vpdpbusd_zmm(std::size_t rounds) {
  const __m512i w = _mm512_set1_epi8(1);
  return chains(rounds, _mm512_set1_epi8(2), 64,
                [&](__m512i sum, __m512i x) { return _mm512_dpbusd_epi32(sum, x, w); });
}

double limit_fma_zmm(std::size_t rounds) {
  const __m512 w = _mm512_set1_ps(0.5F);
  return chains(rounds, _mm512_set1_ps(1.0F), 16,
                [&](__m512 sum, __m512 x) { return _mm512_fmadd_ps(x, w, sum); });
}

}  // namespace qfs::bench

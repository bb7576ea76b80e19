// vpdpbusd as CPUs without AVX-512 have it.
#include <immintrin.h>

#include "bench/limits/limits.hpp"

namespace qfs::bench {

double limit_vpdpbusd_vex(std::size_t rounds) {
  const __m256i w = _mm256_set1_epi8(1);
  return chains(rounds, _mm256_set1_epi8(2), 32,
                [&](__m256i sum, __m256i x) { return _mm256_dpbusd_avx_epi32(sum, x, w); });
}

}  // namespace qfs::bench

// The residual's sum by AVX2 and FMA.
#include <immintrin.h>

#include "21_int8_cnn/plumbing/add_kernel.hpp"

namespace qfs::add_kernel {
namespace {

[[gnu::target("avx2,fma")]] inline __m256 reals(const std::uint8_t* from) {
  const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight));
}

// round(r_a a + (r_b b + offset)), cut before, which gives the same: both ends are integers.
[[gnu::target("avx2,fma")]] inline __m256i eight(const Constants& k, const std::uint8_t* a,
                                                 const std::uint8_t* b) {
  const __m256 inner =
      _mm256_fmadd_ps(_mm256_set1_ps(k.b_ratio), reals(b), _mm256_set1_ps(k.offset));
  const __m256 sum = _mm256_fmadd_ps(_mm256_set1_ps(k.a_ratio), reals(a), inner);
  return _mm256_cvtps_epi32(
      _mm256_min_ps(_mm256_max_ps(sum, _mm256_set1_ps(k.low)), _mm256_set1_ps(k.high)));
}

}  // namespace

[[gnu::target("avx2,fma")]] std::size_t add_avx2(const Constants& constants, const std::uint8_t* a,
                                                 const std::uint8_t* b, std::size_t count,
                                                 std::uint8_t* y) {
  const Constants k = constants;
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    // Words 0-3 8-11 | 4-7 12-15, brought in order.
    const __m256i words = _mm256_permute4x64_epi64(
        _mm256_packs_epi32(eight(k, a + i, b + i), eight(k, a + i + 8, b + i + 8)), 0xD8);
    const __m128i bytes =
        _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y + i), bytes);
  }
  return i;
}

}  // namespace qfs::add_kernel

#include <immintrin.h>

#include <cstring>

#include "13_int8_engine/gemv.hpp"

namespace qfs::gemv {
namespace {

constexpr std::size_t kRegisters = kOutputs / kLanes;

// [step]
// Four inputs, 32 outputs: a broadcast and four loads for 128 products (eq. 13.2).
void add_step(__m256i (&sums)[kRegisters], std::int32_t four_inputs, const std::int8_t* w) {
  const __m256i x = _mm256_set1_epi32(four_inputs);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kRegisters; ++i) {
    const __m256i pairs =
        _mm256_maddubs_epi16(x, _mm256_load_si256(reinterpret_cast<const __m256i*>(w + 32 * i)));
    sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
}
// [/step]

}  // namespace

void multiply_avx2(const Weights& weights, const std::uint8_t* x, const std::int32_t* start,
                   std::int32_t* sums) {
  const std::size_t K = weights.K;
  const std::int8_t* w = weights.w;
  for (std::size_t n = 0; n < weights.N; n += kOutputs) {
    __m256i acc[kRegisters];
    for (std::size_t i = 0; i < kRegisters; ++i)
      acc[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(start + n + kLanes * i));
    std::size_t k = 0;
    for (; k + 4 <= K; k += 4, w += 4 * kOutputs) {
      std::int32_t four;
      std::memcpy(&four, x + k, 4);
      add_step(acc, four, w);
    }
    if (k < K) {
      std::int32_t four = 0;
      std::memcpy(&four, x + k, K - k);
      add_step(acc, four, w);
      w += 4 * kOutputs;
    }
    for (std::size_t i = 0; i < kRegisters; ++i)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + n + kLanes * i), acc[i]);
  }
  for (std::size_t i = 0; i < weights.remainder_count; ++i) {
    const Remainder& r = weights.remainders[i];
    sums[r.n] += x[r.k] * r.w;
  }
}

}  // namespace qfs::gemv

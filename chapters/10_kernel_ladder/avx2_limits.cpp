// How many products the CPU can make at most: the instructions of the rungs on registers alone.
#include <immintrin.h>

#include "10_kernel_ladder/rungs.hpp"

namespace qfs::ladder {
namespace {

constexpr std::size_t kChains = 10;  // sums that do not wait for each other

// Makes the compiler forget what it knows of a register, so that no step is left out.
template <class Register>
void forget(Register& value) {
  asm volatile("" : "+x"(value));
}

// `step(sum, a, b)` once for every chain in every round. All loops over chains are unrolled, or the
// sums would live in memory.
template <class Register, class Step>
void chains(std::size_t rounds, Register a, Register b, Step step) {
  Register sums[kChains];
#pragma GCC unroll 10
  for (std::size_t c = 0; c < kChains; ++c) sums[c] = a;
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 10
    for (std::size_t c = 0; c < kChains; ++c) {
      forget(a);
      sums[c] = step(sums[c], a, b);
    }
  }
#pragma GCC unroll 10
  for (std::size_t c = 0; c < kChains; ++c) forget(sums[c]);
}

double products(std::size_t rounds, double of_one_step) {
  return static_cast<double>(rounds) * static_cast<double>(kChains) * of_one_step;
}

}  // namespace

double limit_fma(std::size_t rounds) {
  chains(rounds, _mm256_set1_ps(1.0F), _mm256_set1_ps(0.5F), [](__m256 sum, __m256 a, __m256 b) {
    asm("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b));
    return sum;
  });
  return products(rounds, 8);
}

double limit_madd(std::size_t rounds) {
  chains(rounds, _mm256_set1_epi16(1), _mm256_set1_epi16(2), [](__m256i sum, __m256i a, __m256i b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
  });
  return products(rounds, 16);
}

double limit_maddubs(std::size_t rounds) {
  const __m256i ones = _mm256_set1_epi16(1);
  chains(rounds, _mm256_set1_epi8(1), _mm256_set1_epi8(2), [&](__m256i sum, __m256i a, __m256i b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), ones));
  });
  return products(rounds, 32);
}

}  // namespace qfs::ladder

// Answers to exercise 10.2. What several of them share stands first.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch10_2_test.cpp"

#include <algorithm>

namespace parts {

[[gnu::target("avx2")]] inline __m256i load(const std::int8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

// As if what lies behind the row were zeros.
[[gnu::target("avx2")]] inline __m256i load_last(const std::int8_t* from, std::size_t left) {
  std::int8_t bytes[32] = {};
  std::copy_n(from, std::min<std::size_t>(left, 32), bytes);
  return load(bytes);
}

// The 16-bit sums of two products, to 32 bits.
[[gnu::target("avx2")]] inline __m256i widened(__m256i pairs) {
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

[[gnu::target("avx2")]] inline __m256i by_signs(__m256i x, __m256i w) {
  return _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(w, x));
}

[[gnu::target("avx2")]] inline std::int32_t sum_of_lanes(__m256i v) {
  std::int32_t lanes[8], sum = 0;
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), v);
  for (std::int32_t lane : lanes) sum += lane;
  return sum;
}

}  // namespace parts

namespace plain_loop {
const Answer kAnswer = right("the plain loop, which is right and slow");
namespace exercise {
inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w, std::size_t K) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < K; ++k) sum += x[k] * w[k];
  return sum;
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace plain_loop

namespace zeros_behind {
const Answer kAnswer = right("fills the last register with zeros");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(sums, parts::widened(parts::by_signs(x8, w8)));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace zeros_behind

namespace negated_by_hand {
const Answer kAnswer = right("negates w by the mask of x's signs");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    const __m256i negative = _mm256_cmpgt_epi8(_mm256_setzero_si256(), x8);
    sums = _mm256_add_epi32(
        sums, parts::widened(_mm256_maddubs_epi16(
                  _mm256_abs_epi8(x8), _mm256_sub_epi8(_mm256_xor_si256(w8, negative), negative))));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace negated_by_hand

namespace widened_to_16_bits {
const Answer kAnswer = right("widens both to 16 bits");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 16 <= K; k += 16) {
    const __m128i x8 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + k));
    const __m128i w8 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w + k));
    sums = _mm256_add_epi32(sums,
                            _mm256_madd_epi16(_mm256_cvtepi8_epi16(x8), _mm256_cvtepi8_epi16(w8)));
  }
  std::int32_t sum = parts::sum_of_lanes(sums);
  for (; k < K; ++k) sum += x[k] * w[k];
  return sum;
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace widened_to_16_bits

namespace no_trick {
const Answer kAnswer = wrong("hands the signed x to vpmaddubsw");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(sums, parts::widened(_mm256_maddubs_epi16(x8, w8)));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace no_trick

namespace signs_lost {
const Answer kAnswer = wrong("takes |x|, and leaves w as it is");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(sums, parts::widened(_mm256_maddubs_epi16(_mm256_abs_epi8(x8), w8)));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace signs_lost

namespace both_magnitudes {
const Answer kAnswer = wrong("takes the magnitudes of both");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(
        sums, parts::widened(_mm256_maddubs_epi16(_mm256_abs_epi8(x8), _mm256_abs_epi8(w8))));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace both_magnitudes

namespace the_other_way_round {
const Answer kAnswer = wrong("takes |w| times x with the sign of w: -(-128) is -128");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(
        sums, parts::widened(_mm256_maddubs_epi16(_mm256_abs_epi8(w8), _mm256_sign_epi8(x8, w8))));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace the_other_way_round

namespace sign_of_the_magnitude {
const Answer kAnswer = wrong("gives w the sign of |x|");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    const __m256i magnitude = _mm256_abs_epi8(x8);
    sums = _mm256_add_epi32(
        sums, parts::widened(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(w8, magnitude))));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace sign_of_the_magnitude

namespace minus_128_cut {
const Answer kAnswer = wrong("raises -128 to -127");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(
        sums, parts::widened(parts::by_signs(_mm256_max_epi8(x8, _mm256_set1_epi8(-127)), w8)));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace minus_128_cut

namespace shifted {
const Answer kAnswer =
    wrong("adds 128 to x, and takes 128 w away again: the signs are cured, the sums saturate");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  const __m256i shift = _mm256_set1_epi8(-128);
  std::int32_t of_shift = 0;
  for (std::size_t k = 0; k < K; ++k) of_shift += 128 * w[k];
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(sums,
                            parts::widened(_mm256_maddubs_epi16(_mm256_xor_si256(x8, shift), w8)));
  }
  return parts::sum_of_lanes(sums) - of_shift;
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace shifted

namespace sums_in_16_bits {
const Answer kAnswer = wrong("keeps its sums in 16 bits");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi16(sums, parts::by_signs(x8, w8));
  }
  return parts::sum_of_lanes(parts::widened(sums));
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace sums_in_16_bits

namespace saturating_sums {
const Answer kAnswer = wrong("keeps its sums in 16 bits, saturated");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_adds_epi16(sums, parts::by_signs(x8, w8));
  }
  return parts::sum_of_lanes(parts::widened(sums));
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace saturating_sums

namespace half_a_register {
const Answer kAnswer = wrong("sums the lower half of the lanes");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    const __m256i x8 = parts::load_last(x + k, K - k), w8 = parts::load_last(w + k, K - k);
    sums = _mm256_add_epi32(sums, parts::widened(parts::by_signs(x8, w8)));
  }
  return parts::sum_of_lanes(_mm256_zextsi128_si256(_mm256_castsi256_si128(sums)));
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace half_a_register

namespace rest_forgotten {
const Answer kAnswer = wrong("leaves out what is no whole register");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k + 32 <= K; k += 32)
    sums = _mm256_add_epi32(
        sums, parts::widened(parts::by_signs(parts::load(x + k), parts::load(w + k))));
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace rest_forgotten

namespace rest_twice {
const Answer kAnswer = wrong("multiplies the last 32 again where fewer are left");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k + 32 <= K; k += 32)
    sums = _mm256_add_epi32(
        sums, parts::widened(parts::by_signs(parts::load(x + k), parts::load(w + k))));
  if (K % 32 != 0 && K >= 32)
    sums = _mm256_add_epi32(
        sums, parts::widened(parts::by_signs(parts::load(x + K - 32), parts::load(w + K - 32))));
  std::int32_t sum = parts::sum_of_lanes(sums);
  for (std::size_t k = 0; K < 32 && k < K; ++k) sum += x[k] * w[k];
  return sum;
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace rest_twice

namespace reads_behind {
const Answer kAnswer = wrong("loads 32 bytes where fewer are left, and masks them");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < K; k += 32) {
    std::int8_t keep[32] = {};
    std::fill_n(keep, std::min<std::size_t>(K - k, 32), std::int8_t{-1});
    const __m256i x8 = _mm256_and_si256(parts::load(x + k), parts::load(keep));
    sums = _mm256_add_epi32(sums, parts::widened(parts::by_signs(x8, parts::load(w + k))));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace reads_behind

namespace reads_before {
const Answer kAnswer = wrong("masks the last 32 bytes, of which some may lie before the row");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k + 32 <= K; k += 32)
    sums = _mm256_add_epi32(
        sums, parts::widened(parts::by_signs(parts::load(x + k), parts::load(w + k))));
  const std::size_t left = K % 32;
  std::int8_t keep[32] = {};
  std::fill_n(keep + 32 - left, left, std::int8_t{-1});
  if (left > 0) {
    const __m256i x8 = _mm256_and_si256(parts::load(x + K - 32), parts::load(keep));
    sums = _mm256_add_epi32(sums, parts::widened(parts::by_signs(x8, parts::load(w + K - 32))));
  }
  return parts::sum_of_lanes(sums);
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace reads_before

namespace aligned_loads {
const Answer kAnswer = wrong("asks for aligned addresses");
namespace exercise {
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w,
                                                     std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 32 <= K; k += 32) {
    const volatile __m256i* x8 = reinterpret_cast<const volatile __m256i*>(x + k);
    sums = _mm256_add_epi32(sums, parts::widened(parts::by_signs(*x8, parts::load(w + k))));
  }
  std::int32_t sum = parts::sum_of_lanes(sums);
  for (; k < K; ++k) sum += x[k] * w[k];
  return sum;
}
}  // namespace exercise
#include "tests/exercises/ch10_2_test.cpp"
}  // namespace aligned_loads

// Answers to exercise 11.4. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch11_4_test.cpp"

namespace parts {

// Four weights; zeros where the row has ended.
inline std::int32_t four(const std::int8_t* w, std::size_t left) {
  std::int32_t bytes = 0;
  std::memcpy(&bytes, w, std::min<std::size_t>(left, 4));
  return bytes;
}

[[gnu::target("avx2")]] inline __m256i load(const std::uint8_t* x) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(x));
}

// Two products in every 16-bit lane.
[[gnu::target("avx2")]] inline __m256i pairs(const std::uint8_t* x, std::int32_t w) {
  return _mm256_maddubs_epi16(load(x), _mm256_set1_epi32(w));
}

// sums + the 16-bit lanes, neighbours added.
[[gnu::target("avx2")]] inline __m256i add(__m256i sums, __m256i lanes) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(lanes, _mm256_set1_epi16(1)));
}

[[gnu::target("avx2")]] inline void store(std::int32_t* sums, __m256i eight) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), eight);
}

// Eight rows times w[0] to w[K - 1], `steps` steps in 16 bits.
[[gnu::target("avx2")]] inline __m256i eight_rows(const std::uint8_t* x, const std::int8_t* w,
                                                  std::size_t K, std::size_t steps) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t begin = 0; begin < K; begin += 4 * steps) {
    __m256i lanes = _mm256_setzero_si256();
    for (std::size_t k = begin; k < std::min(K, begin + 4 * steps); k += 4)
      lanes = _mm256_add_epi16(lanes, pairs(x + 8 * k, four(w + k, K - k)));
    sums = add(sums, lanes);
  }
  return sums;
}

}  // namespace parts

namespace strip_by_strip {
const Answer kAnswer = right("one strip after the other");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace strip_by_strip

namespace a_pair_at_a_time {
const Answer kAnswer = right("a vpmaddwd for every vpmaddubsw, which is slower");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K, 1));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace a_pair_at_a_time

namespace three_steps {
const Answer kAnswer = right("three steps to a vpmaddwd");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K, 3));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace three_steps

namespace plain_loops {
const Answer kAnswer = right("plain loops over the strips");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t row = 0; row < 32; ++row) {
    sums[row] = 0;
    for (std::size_t k = 0; k < K; ++k)
      sums[row] += x[row / 8 * strip_bytes + k / 4 * 32 + row % 8 * 4 + k % 4] * w[k];
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace plain_loops

namespace any_weights_at_the_end {
const Answer kAnswer =
    right("the last step with weights that happen to be there: its inputs are zeros");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) {
    __m256i eight = _mm256_setzero_si256();
    std::int32_t weights = 0x7f7f7f7f;
    for (std::size_t k = 0; k < K; k += 4) {
      std::memcpy(&weights, w + k, std::min<std::size_t>(K - k, 4));
      eight = parts::add(eight, parts::pairs(x + s * strip_bytes + 8 * k, weights));
    }
    parts::store(sums + 8 * s, eight);
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace any_weights_at_the_end

namespace ten_products {
const Answer kAnswer = wrong("ten products to a lane");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K, 5));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace ten_products

namespace sixteen_products {
const Answer kAnswer = wrong("sixteen products to a lane");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K, 8));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace sixteen_products

namespace widened_at_the_end {
const Answer kAnswer = wrong("widens to 32 bits at the end alone");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K, K / 4 + 1));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace widened_at_the_end

namespace saturated {
const Answer kAnswer = wrong("sixteen products to a lane, added with saturation");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) {
    __m256i eight = _mm256_setzero_si256();
    for (std::size_t begin = 0; begin < K; begin += 32) {
      __m256i lanes = _mm256_setzero_si256();
      for (std::size_t k = begin; k < std::min(K, begin + 32); k += 4)
        lanes = _mm256_adds_epi16(
            lanes, parts::pairs(x + s * strip_bytes + 8 * k, parts::four(w + k, K - k)));
      eight = parts::add(eight, lanes);
    }
    parts::store(sums + 8 * s, eight);
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace saturated

namespace neighbours_in_16_bits {
const Answer kAnswer = wrong("adds the two lanes of a row in 16 bits, too");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) {
    __m256i eight = _mm256_setzero_si256();
    for (std::size_t begin = 0; begin < K; begin += 16) {
      __m256i lanes = _mm256_setzero_si256();
      for (std::size_t k = begin; k < std::min(K, begin + 16); k += 4)
        lanes = _mm256_add_epi16(
            lanes, parts::pairs(x + s * strip_bytes + 8 * k, parts::four(w + k, K - k)));
      lanes = _mm256_add_epi16(lanes, _mm256_slli_epi32(lanes, 16));
      eight = _mm256_add_epi32(eight, _mm256_srai_epi32(lanes, 16));
    }
    parts::store(sums + 8 * s, eight);
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace neighbours_in_16_bits

namespace lanes_unsigned {
const Answer kAnswer = wrong("widens the lanes as unsigned");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) {
    __m256i eight = _mm256_setzero_si256();
    for (std::size_t k = 0; k < K; k += 4) {
      const __m256i lanes = parts::pairs(x + s * strip_bytes + 8 * k, parts::four(w + k, K - k));
      const __m256i even = _mm256_and_si256(lanes, _mm256_set1_epi32(0xffff));
      eight = _mm256_add_epi32(eight, _mm256_add_epi32(even, _mm256_srli_epi32(lanes, 16)));
    }
    parts::store(sums + 8 * s, eight);
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace lanes_unsigned

namespace operands_exchanged {
const Answer kAnswer = wrong("takes the weights for unsigned and the inputs for signed");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) {
    __m256i eight = _mm256_setzero_si256();
    for (std::size_t k = 0; k < K; k += 4) {
      const __m256i weights = _mm256_set1_epi32(parts::four(w + k, K - k));
      const __m256i inputs = parts::load(x + s * strip_bytes + 8 * k);
      eight = parts::add(eight, _mm256_maddubs_epi16(weights, inputs));
    }
    parts::store(sums + 8 * s, eight);
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace operands_exchanged

namespace rest_of_16_forgotten {
const Answer kAnswer = wrong("leaves out what 16 does not divide");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s,
                 parts::eight_rows(x + s * strip_bytes, w, K < 16 ? K : K / 16 * 16, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace rest_of_16_forgotten

namespace rest_of_4_forgotten {
const Answer kAnswer = wrong("leaves out the last inputs of a K that 4 does not divide");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, K / 4 * 4, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace rest_of_4_forgotten

namespace reads_behind_w {
const Answer kAnswer = wrong("reads four weights where fewer are left: their inputs are zeros");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * strip_bytes, w, (K + 3) / 4 * 4, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace reads_behind_w

namespace reads_behind_x {
const Answer kAnswer = wrong("reads whole groups of steps, with weights of 0");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) {
    __m256i eight = _mm256_setzero_si256();
    for (std::size_t k = 0; k < (K + 15) / 16 * 16; k += 4)
      eight = parts::add(
          eight, parts::pairs(x + s * strip_bytes + 8 * k, k < K ? parts::four(w + k, K - k) : 0));
    parts::store(sums + 8 * s, eight);
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace reads_behind_x

namespace first_strip_again {
const Answer kAnswer = wrong("multiplies the first strip four times");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s) parts::store(sums + 8 * s, parts::eight_rows(x, w, K, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace first_strip_again

namespace strips_side_by_side {
const Answer kAnswer = wrong("takes the strips to lie side by side");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(sums + 8 * s, parts::eight_rows(x + s * ((K + 3) / 4 * 32), w, K, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace strips_side_by_side

namespace one_strip_alone {
const Answer kAnswer = wrong("writes the first eight sums alone");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  parts::store(sums, parts::eight_rows(x, w, K, 4));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace one_strip_alone

namespace adds_to_sums {
const Answer kAnswer = wrong("adds to what the sums hold");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    parts::store(
        sums + 8 * s,
        _mm256_add_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums + 8 * s)),
                         parts::eight_rows(x + s * strip_bytes, w, K, 4)));
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace adds_to_sums

namespace aligned_stores {
const Answer kAnswer = wrong("stores to aligned addresses alone");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t s = 0; s < 4; ++s)
    *reinterpret_cast<volatile __m256i*>(sums + 8 * s) =
        parts::eight_rows(x + s * strip_bytes, w, K, 4);
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace aligned_stores

namespace row_major {
const Answer kAnswer = wrong("takes the rows to lie one after the other");
namespace exercise {
[[gnu::target("avx2")]] inline void sixteen_bits(const std::uint8_t* x, std::size_t strip_bytes,
                                                 const std::int8_t* w, std::size_t K,
                                                 std::int32_t* sums) {
  for (std::size_t row = 0; row < 32; ++row) {
    sums[row] = 0;
    for (std::size_t k = 0; k < K; ++k)
      sums[row] += x[row / 8 * strip_bytes + row % 8 * (strip_bytes / 8) + k] * w[k];
  }
}
}  // namespace exercise
#include "tests/exercises/ch11_4_test.cpp"
}  // namespace row_major

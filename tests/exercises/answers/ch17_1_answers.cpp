// Answers to exercise 17.1. What several of them share stands first.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch17_1_test.cpp"

namespace parts {

[[gnu::target("avx2")]] inline __m256i load(const std::uint8_t* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}
[[gnu::target("avx2")]] inline void store(__m256i integers, std::int8_t* q) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(q), integers);
}
[[gnu::target("avx2")]] inline __m256i low(__m256i two) {
  return _mm256_and_si256(two, _mm256_set1_epi8(15));
}
[[gnu::target("avx2")]] inline __m256i high(__m256i two) { return low(_mm256_srli_epi16(two, 4)); }
[[gnu::target("avx2")]] inline __m256i less_8(__m256i codes) {
  return _mm256_sub_epi8(codes, _mm256_set1_epi8(8));
}

// Codes of 8 and more as negative numbers.
[[gnu::target("avx2")]] inline __m256i with_sign(__m256i codes) {
  const __m256i negative = _mm256_cmpgt_epi8(codes, _mm256_set1_epi8(7));
  return _mm256_or_si256(codes, _mm256_and_si256(negative, _mm256_set1_epi8(-16)));
}

// The bytes of `first` and `second` in turn.
[[gnu::target("avx2")]] inline void store_in_turn(__m256i first, __m256i second, std::int8_t* q) {
  const __m256i a = _mm256_unpacklo_epi8(first, second), b = _mm256_unpackhi_epi8(first, second);
  store(_mm256_permute2x128_si256(a, b, 0x20), q);
  store(_mm256_permute2x128_si256(a, b, 0x31), q + 32);
}

inline void one_by_one(const std::uint8_t* bytes, std::size_t begin, std::size_t count,
                       std::int8_t* q) {
  for (std::size_t k = begin; k < count; ++k)
    q[k] = static_cast<std::int8_t>((k % 2 == 0 ? bytes[k / 2] & 15 : bytes[k / 2] >> 4) - 8);
}

}  // namespace parts

namespace in_parts {
const Answer kAnswer = right("64 at a time, the rest one by one");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace in_parts

namespace plain {
const Answer kAnswer = right("without a register (speed is not judged here)");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  parts::one_by_one(bytes, 0, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace plain

namespace by_shuffle {
const Answer kAnswer = right("takes the integers from a table by vpshufb");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    const __m256i table = _mm256_setr_epi8(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7,
                                           -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
    parts::store_in_turn(_mm256_shuffle_epi8(table, parts::low(two)),
                         _mm256_shuffle_epi8(table, parts::high(two)), q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace by_shuffle

namespace high_first {
const Answer kAnswer = wrong("the high half first");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::less_8(parts::high(two)), parts::less_8(parts::low(two)), q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace high_first

namespace no_offset {
const Answer kAnswer = wrong("leaves the codes 0 to 15");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::low(two), parts::high(two), q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace no_offset

namespace twos_complement {
const Answer kAnswer = wrong("takes the halves for two's complement");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::with_sign(parts::low(two)), parts::with_sign(parts::high(two)),
                         q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace twos_complement

namespace no_mask {
const Answer kAnswer = wrong("shifts 16 bits and masks nothing");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(_mm256_srli_epi16(two, 4)),
                         q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace no_mask

namespace halves {
const Answer kAnswer = wrong("forgets that unpacking works on each half of a register");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    const __m256i a = parts::less_8(parts::low(two)), b = parts::less_8(parts::high(two));
    parts::store(_mm256_unpacklo_epi8(a, b), q + k);
    parts::store(_mm256_unpackhi_epi8(a, b), q + k + 32);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace halves

namespace planes {
const Answer kAnswer = wrong("all low halves, then all high ones");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store(parts::less_8(parts::low(two)), q + k);
    parts::store(parts::less_8(parts::high(two)), q + k + 32);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace planes

namespace rest_forgotten {
const Answer kAnswer = wrong("leaves out what 64 does not divide");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), q + k);
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace rest_forgotten

namespace odd_forgotten {
const Answer kAnswer = wrong("leaves out the last of an odd number");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), q + k);
  }
  parts::one_by_one(bytes, k, count / 2 * 2, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace odd_forgotten

namespace reads_behind {
const Answer kAnswer = wrong("loads 32 bytes where fewer are left");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k < count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    std::int8_t some[64];
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), some);
    std::memcpy(q + k, some, count - k < 64 ? count - k : 64);
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace reads_behind

namespace writes_behind {
const Answer kAnswer = wrong("writes 64 integers where fewer are left");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  for (std::size_t k = 0; k < count; k += 64) {
    std::uint8_t some[32] = {};
    std::memcpy(some, bytes + k / 2, count - k < 64 ? (count - k + 1) / 2 : 32);
    const __m256i two = parts::load(some);
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), q + k);
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace writes_behind

namespace aligned {
const Answer kAnswer = wrong("asks for aligned addresses");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes + k / 2));
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), q + k);
  }
  parts::one_by_one(bytes, k, count, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace aligned

namespace writes_pairs {
const Answer kAnswer = wrong("writes the second half of the last byte of an odd number, too");
namespace exercise {
[[gnu::target("avx2")]] inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count,
                                                   std::int8_t* q) {
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    const __m256i two = parts::load(bytes + k / 2);
    parts::store_in_turn(parts::less_8(parts::low(two)), parts::less_8(parts::high(two)), q + k);
  }
  parts::one_by_one(bytes, k, (count + 1) / 2 * 2, q);
}
}  // namespace exercise
#include "tests/exercises/ch17_1_test.cpp"
}  // namespace writes_pairs

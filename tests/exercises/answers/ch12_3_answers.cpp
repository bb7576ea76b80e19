// Answers to exercise 12.3. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch12_3_test.cpp"

namespace parts {

[[gnu::target("avx2")]] inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

[[gnu::target("avx2")]] inline __m256i broadcast(const std::uint8_t* x) {
  std::int32_t four;
  std::memcpy(&four, x, 4);
  return _mm256_set1_epi32(four);
}

// sums[0..7] + more.
[[gnu::target("avx2")]] inline void add(std::int32_t* sums, __m256i more) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), _mm256_add_epi32(load(sums), more));
}

// Bytes 1 and 3 of each four as words; bytes 0 and 2.
[[gnu::target("avx2")]] inline __m256i odd(__m256i bytes) { return _mm256_srai_epi16(bytes, 8); }
[[gnu::target("avx2")]] inline __m256i even(__m256i bytes) {
  return _mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8);
}
[[gnu::target("avx2")]] inline __m256i odd_unsigned(__m256i bytes) {
  return _mm256_srli_epi16(bytes, 8);
}
[[gnu::target("avx2")]] inline __m256i even_unsigned(__m256i bytes) {
  return _mm256_and_si256(bytes, _mm256_set1_epi16(255));
}

// The products of eight outputs of one line.
[[gnu::target("avx2")]] inline __m256i products(const std::uint8_t* x, const std::int8_t* w) {
  const __m256i inputs = broadcast(x), weights = load(w);
  return _mm256_add_epi32(_mm256_madd_epi16(even_unsigned(inputs), even(weights)),
                          _mm256_madd_epi16(odd_unsigned(inputs), odd(weights)));
}

// Adds all lines, by a function for eight outputs of one line.
template <class Eight>
[[gnu::target("avx2")]] inline void add_lines(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums, Eight) {
  for (std::size_t k = 0; k < lines; ++k)
    for (std::size_t half = 0; half < 2; ++half)
      add(sums + 8 * half, Eight::of(x + 4 * k, w + 64 * k + 32 * half));
}

struct Exact {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    return products(x, w);
  }
};

}  // namespace parts

namespace even_and_odd {
const Answer kAnswer =
    right("multiplies even and odd bytes, and adds every line to the sums in memory");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, parts::Exact());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace even_and_odd

namespace in_registers {
const Answer kAnswer = right("multiplies even and odd bytes, with the sums in registers");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  __m256i low = _mm256_setzero_si256(), high = low;
  for (std::size_t k = 0; k < lines; ++k) {
    low = _mm256_add_epi32(low, parts::products(x + 4 * k, w + 64 * k));
    high = _mm256_add_epi32(high, parts::products(x + 4 * k, w + 64 * k + 32));
  }
  parts::add(sums, low);
  parts::add(sums + 8, high);
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace in_registers

namespace lane_by_lane {
const Answer kAnswer = right("plain loops, which are slower");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t k = 0; k < lines; ++k)
    for (std::size_t n = 0; n < 16; ++n)
      sums[n] = qfs::vpdpbusd(sums[n], x + 4 * k, w + 64 * k + 4 * n);
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace lane_by_lane

namespace pairs_saturate {
const Answer kAnswer = wrong("vpmaddubsw, which saturates");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_madd_epi16(_mm256_maddubs_epi16(inputs, weights), _mm256_set1_epi16(1));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace pairs_saturate

namespace seven_bits {
const Answer kAnswer = wrong("halves the inputs, so that nothing saturates, and doubles the sums");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    const __m256i half = _mm256_and_si256(_mm256_srli_epi16(inputs, 1), _mm256_set1_epi8(127));
    return _mm256_slli_epi32(
        _mm256_madd_epi16(_mm256_maddubs_epi16(half, weights), _mm256_set1_epi16(1)), 1);
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace seven_bits

namespace inputs_signed {
const Answer kAnswer = wrong("widens the inputs as signed bytes");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_add_epi32(_mm256_madd_epi16(parts::even(inputs), parts::even(weights)),
                            _mm256_madd_epi16(parts::odd(inputs), parts::odd(weights)));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace inputs_signed

namespace weights_unsigned {
const Answer kAnswer = wrong("widens the weights as unsigned bytes");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_add_epi32(
        _mm256_madd_epi16(parts::even_unsigned(inputs), parts::even_unsigned(weights)),
        _mm256_madd_epi16(parts::odd_unsigned(inputs), parts::odd_unsigned(weights)));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace weights_unsigned

namespace sides_exchanged {
const Answer kAnswer = wrong("exchanges which side is signed");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_add_epi32(_mm256_madd_epi16(parts::even(inputs), parts::even_unsigned(weights)),
                            _mm256_madd_epi16(parts::odd(inputs), parts::odd_unsigned(weights)));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace sides_exchanged

namespace even_alone {
const Answer kAnswer = wrong("forgets the odd bytes");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_madd_epi16(parts::even_unsigned(inputs), parts::even(weights));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace even_alone

namespace crossed {
const Answer kAnswer = wrong("multiplies even bytes by odd ones");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_add_epi32(_mm256_madd_epi16(parts::even_unsigned(inputs), parts::odd(weights)),
                            _mm256_madd_epi16(parts::odd_unsigned(inputs), parts::even(weights)));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace crossed

namespace not_shifted_up {
const Answer kAnswer = wrong("masks the even weights, and so loses their sign");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_add_epi32(
        _mm256_madd_epi16(parts::even_unsigned(inputs), parts::even_unsigned(weights)),
        _mm256_madd_epi16(parts::odd_unsigned(inputs), parts::odd(weights)));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace not_shifted_up

namespace shift_without_sign {
const Answer kAnswer = wrong("shifts the odd weights down without their sign");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    return _mm256_add_epi32(
        _mm256_madd_epi16(parts::even_unsigned(inputs), parts::even(weights)),
        _mm256_madd_epi16(parts::odd_unsigned(inputs), parts::odd_unsigned(weights)));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace shift_without_sign

namespace words_added {
const Answer kAnswer = wrong("adds even and odd products in 16 bits");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(const std::uint8_t* x, const std::int8_t* w) {
    const __m256i inputs = parts::broadcast(x), weights = parts::load(w);
    const __m256i words =
        _mm256_add_epi16(_mm256_mullo_epi16(parts::even_unsigned(inputs), parts::even(weights)),
                         _mm256_mullo_epi16(parts::odd_unsigned(inputs), parts::odd(weights)));
    return _mm256_madd_epi16(words, _mm256_set1_epi16(1));
  }
};
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines, sums, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace words_added

namespace overwrites {
const Answer kAnswer = wrong("forgets what the sums hold");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  std::memset(sums, 0, 64);
  parts::add_lines(x, w, lines, sums, parts::Exact());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace overwrites

namespace eight_outputs {
const Answer kAnswer = wrong("adds to the first eight sums alone");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t k = 0; k < lines; ++k) parts::add(sums, parts::products(x + 4 * k, w + 64 * k));
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace eight_outputs

namespace same_half {
const Answer kAnswer = wrong("reads the first half of a line twice");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t k = 0; k < lines; ++k)
    for (std::size_t half = 0; half < 2; ++half)
      parts::add(sums + 8 * half, parts::products(x + 4 * k, w + 64 * k));
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace same_half

namespace one_input_group {
const Answer kAnswer = wrong("takes the first four inputs for all lines");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t k = 0; k < lines; ++k)
    for (std::size_t half = 0; half < 2; ++half)
      parts::add(sums + 8 * half, parts::products(x, w + 64 * k + 32 * half));
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace one_input_group

namespace reads_behind_x {
const Answer kAnswer = wrong("loads sixteen bytes of x for four inputs");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t k = 0; k < lines; ++k) {
    __m128i inputs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + 4 * k));
    asm("" : "+x"(inputs));  // all sixteen, though four are used
    std::uint8_t bytes[16];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), inputs);
    for (std::size_t half = 0; half < 2; ++half)
      parts::add(sums + 8 * half, parts::products(bytes, w + 64 * k + 32 * half));
  }
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace reads_behind_x

namespace lines_in_pairs {
const Answer kAnswer = wrong("takes two lines at a time, and forgets an odd last one");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  parts::add_lines(x, w, lines / 2 * 2, sums, parts::Exact());
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace lines_in_pairs

namespace aligned_sums {
const Answer kAnswer = wrong("asks for aligned sums");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t half = 0; half < 2; ++half) {
    __m256i eight = *reinterpret_cast<volatile __m256i*>(sums + 8 * half);
    for (std::size_t k = 0; k < lines; ++k)
      eight = _mm256_add_epi32(eight, parts::products(x + 4 * k, w + 64 * k + 32 * half));
    *reinterpret_cast<volatile __m256i*>(sums + 8 * half) = eight;
  }
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace aligned_sums

namespace saturates {
const Answer kAnswer = wrong("saturates the sums at 32 bits");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  for (std::size_t n = 0; n < 16; ++n) {
    std::int64_t sum = sums[n];
    for (std::size_t k = 0; k < lines; ++k) sum += qfs::vpdpbusd(0, x + 4 * k, w + 64 * k + 4 * n);
    sums[n] = static_cast<std::int32_t>(std::clamp<std::int64_t>(sum, kMin, kMax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace saturates

namespace not_in_order {
const Answer kAnswer = wrong("forgets that vphaddd mixes halves");
namespace exercise {
[[gnu::target("avx2")]] inline void add_block(const std::uint8_t* x, const std::int8_t* w,
                                              std::size_t lines, std::int32_t* sums) {
  __m256i lanes[4] = {};
  for (std::size_t k = 0; k < lines; ++k)
    for (std::size_t q = 0; q < 4; ++q) {
      const __m128i weights =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(w + 64 * k + 16 * q));
      const __m256i inputs = _mm256_broadcastq_epi64(
          _mm_cvtepu8_epi16(_mm256_castsi256_si128(parts::broadcast(x + 4 * k))));
      lanes[q] =
          _mm256_add_epi32(lanes[q], _mm256_madd_epi16(inputs, _mm256_cvtepi8_epi16(weights)));
    }
  parts::add(sums, _mm256_hadd_epi32(lanes[0], lanes[1]));
  parts::add(sums + 8, _mm256_hadd_epi32(lanes[2], lanes[3]));
}
}  // namespace exercise
#include "tests/exercises/ch12_3_test.cpp"
}  // namespace not_in_order

// Answers to exercise 13.3. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch13_3_test.cpp"

namespace parts {

struct Lanes {
  __m256 factor, low, high;
  __m256i zero_point;
};

[[gnu::target("avx2")]] inline Lanes lanes_of(qfs::QuantParams params) {
  return {_mm256_set1_ps(1.0F / params.scale),
          _mm256_set1_ps(static_cast<float>(-params.zero_point)),
          _mm256_set1_ps(static_cast<float>(255 - params.zero_point)),
          _mm256_set1_epi32(params.zero_point)};
}

[[gnu::target("avx2")]] inline __m256 without_nan(__m256 steps) {
  return _mm256_and_ps(steps, _mm256_cmp_ps(steps, steps, _CMP_ORD_Q));
}

[[gnu::target("avx2")]] inline __m256 clamped(__m256 steps, const Lanes& to) {
  return _mm256_min_ps(_mm256_max_ps(steps, to.low), to.high);
}

[[gnu::target("avx2")]] inline __m256i with_zero_point(__m256i numbers, const Lanes& to) {
  return _mm256_add_epi32(numbers, to.zero_point);
}

// The integers of eight numbers.
struct Exact {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const Lanes& to) {
    const __m256 steps = without_nan(_mm256_mul_ps(x, to.factor));
    return with_zero_point(_mm256_cvtps_epi32(clamped(steps, to)), to);
  }
};

// The low bytes of eight integers, `count` of them.
[[gnu::target("avx2")]] inline void store(__m256i numbers, std::size_t count, std::uint8_t* q) {
  std::int32_t eight[8];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(eight), numbers);
  for (std::size_t i = 0; i < count; ++i) q[i] = static_cast<std::uint8_t>(eight[i]);
}

[[gnu::target("avx2")]] inline __m256 load(const float* x, std::size_t count) {
  float eight[8] = {};
  std::memcpy(eight, x, count * sizeof(float));
  return _mm256_loadu_ps(eight);
}

// A row by eights, by a function for eight numbers.
template <class Eight>
[[gnu::target("avx2")]] inline void by_eights(const float* x, std::size_t count, const Lanes& to,
                                              std::uint8_t* q, Eight) {
  for (std::size_t i = 0; i < count; i += 8) {
    const std::size_t some = count - i < 8 ? count - i : 8;
    store(Eight::of(load(x + i, some), to), some, q + i);
  }
}

}  // namespace parts

namespace by_eights {
const Answer kAnswer = right("eight at a time, bytes stored one by one");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, parts::Exact());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace by_eights

namespace one_by_one {
const Answer kAnswer = right("chapter 01's function, which is slower");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  for (std::size_t i = 0; i < count; ++i)
    q[i] = static_cast<std::uint8_t>(qfs::quantize_value(x[i], params, {0, 255}));
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace one_by_one

namespace rounds_first {
const Answer kAnswer = right("rounds, then clamps");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    const __m256 rounded = _mm256_round_ps(steps, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    return parts::with_zero_point(_mm256_cvttps_epi32(parts::clamped(rounded, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace rounds_first

namespace clamp_after_conversion {
const Answer kAnswer = wrong("converts before it clamps: 1e30 becomes -2^31");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    const __m256i numbers = parts::with_zero_point(_mm256_cvtps_epi32(steps), to);
    return _mm256_min_epi32(_mm256_max_epi32(numbers, _mm256_setzero_si256()),
                            _mm256_set1_epi32(255));
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace clamp_after_conversion

namespace saturates_in_packs {
const Answer kAnswer = wrong("leaves the clamp to saturating packs");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    const __m256i numbers = parts::with_zero_point(_mm256_cvtps_epi32(steps), to);
    const __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(numbers, numbers), numbers);
    const __m256i low = _mm256_cvtepu8_epi32(_mm256_castsi256_si128(bytes));
    const __m256i high = _mm256_cvtepu8_epi32(_mm256_extracti128_si256(bytes, 1));
    return _mm256_permute2x128_si256(low, high, 0x20);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace saturates_in_packs

namespace nan_is_low {
const Answer kAnswer = wrong("NaN becomes the low end");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = _mm256_mul_ps(x, to.factor);
    return parts::with_zero_point(_mm256_cvtps_epi32(parts::clamped(steps, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace nan_is_low

namespace nan_is_high {
const Answer kAnswer = wrong("NaN becomes the high end");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = _mm256_mul_ps(x, to.factor);
    return parts::with_zero_point(
        _mm256_cvtps_epi32(_mm256_max_ps(_mm256_min_ps(steps, to.high), to.low)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace nan_is_high

namespace infinity_is_zero {
const Answer kAnswer = wrong("all that is not finite becomes the zero point");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 all = _mm256_mul_ps(x, to.factor);
    const __m256 nothing = _mm256_sub_ps(all, all);
    const __m256 steps = _mm256_and_ps(all, _mm256_cmp_ps(nothing, nothing, _CMP_ORD_Q));
    return parts::with_zero_point(_mm256_cvtps_epi32(parts::clamped(steps, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace infinity_is_zero

namespace truncates {
const Answer kAnswer = wrong("cuts fractions off");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    return parts::with_zero_point(_mm256_cvttps_epi32(parts::clamped(steps, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace truncates

namespace half_up {
const Answer kAnswer = wrong("rounds halves up");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    const __m256 up = _mm256_floor_ps(_mm256_add_ps(steps, _mm256_set1_ps(0.5F)));
    return parts::with_zero_point(_mm256_cvtps_epi32(parts::clamped(up, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace half_up

namespace half_away {
const Answer kAnswer = wrong("rounds halves away from zero");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    const __m256 sign = _mm256_and_ps(steps, _mm256_set1_ps(-0.0F));
    const __m256 half = _mm256_or_ps(_mm256_set1_ps(0.5F), sign);
    const __m256 sum = _mm256_add_ps(parts::clamped(steps, to), half);
    return parts::with_zero_point(_mm256_cvttps_epi32(sum), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace half_away

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    const __m256 shifted = _mm256_sub_ps(parts::clamped(steps, to), to.low);
    return _mm256_cvtps_epi32(shifted);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace zero_point_first

namespace divides {
const Answer kAnswer = wrong("divides by the scale");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_div_ps(x, to.factor));
    return parts::with_zero_point(_mm256_cvtps_epi32(parts::clamped(steps, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  parts::Lanes to = parts::lanes_of(params);
  to.factor = _mm256_set1_ps(params.scale);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace divides

namespace about_the_reciprocal {
const Answer kAnswer = wrong("takes vrcpps for the reciprocal");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    return parts::with_zero_point(_mm256_cvtps_epi32(parts::clamped(steps, to)), to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  parts::Lanes to = parts::lanes_of(params);
  to.factor = _mm256_rcp_ps(_mm256_set1_ps(params.scale));
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace about_the_reciprocal

namespace seven_bits {
const Answer kAnswer = wrong("clamps to 127");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    return _mm256_min_epi32(
        parts::with_zero_point(_mm256_cvtps_epi32(parts::clamped(steps, to)), to),
        _mm256_set1_epi32(127));
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace seven_bits

namespace range_not_shifted {
const Answer kAnswer = wrong("clamps before the zero point to 0 and 255");
namespace exercise {
struct Eight {
  [[gnu::target("avx2")]] static __m256i of(__m256 x, const parts::Lanes& to) {
    const __m256 steps = parts::without_nan(_mm256_mul_ps(x, to.factor));
    return parts::with_zero_point(
        _mm256_cvtps_epi32(
            _mm256_min_ps(_mm256_max_ps(steps, _mm256_setzero_ps()), _mm256_set1_ps(255.0F))),
        to);
  }
};
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count, to, q, Eight());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace range_not_shifted

namespace rest_forgotten {
const Answer kAnswer = wrong("leaves out what 8 does not divide");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  parts::by_eights(x, count / 8 * 8, to, q, parts::Exact());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace rest_forgotten

namespace reads_behind {
const Answer kAnswer = wrong("reads eight numbers where fewer are left");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  for (std::size_t i = 0; i < count; i += 8) {
    const std::size_t some = count - i < 8 ? count - i : 8;
    parts::store(parts::Exact::of(_mm256_loadu_ps(x + i), to), some, q + i);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace reads_behind

namespace writes_behind {
const Answer kAnswer = wrong("writes eight bytes where fewer are left");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  for (std::size_t i = 0; i < count; i += 8) {
    const std::size_t some = count - i < 8 ? count - i : 8;
    parts::store(parts::Exact::of(parts::load(x + i, some), to), 8, q + i);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace writes_behind

namespace last_eight_again {
const Answer kAnswer = wrong("ends with the last eight of the row, which a row of fewer has not");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  for (std::size_t i = 0; i < count; i += 8) {
    const std::size_t at = i + 8 <= count ? i : count - 8;
    parts::store(parts::Exact::of(parts::load(x + at, 8), to), 8, q + at);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace last_eight_again

namespace halves_of_registers {
const Answer kAnswer = wrong("forgets that packing works on each half of a register");
namespace exercise {
[[gnu::target("avx2")]] inline void quantize_row(const float* x, std::size_t count,
                                                 qfs::QuantParams params, std::uint8_t* q) {
  const parts::Lanes to = parts::lanes_of(params);
  std::size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    __m256i numbers[4];
    for (std::size_t j = 0; j < 4; ++j)
      numbers[j] = parts::Exact::of(_mm256_loadu_ps(x + i + 8 * j), to);
    const __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(numbers[0], numbers[1]),
                                              _mm256_packs_epi32(numbers[2], numbers[3]));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(q + i), bytes);
  }
  parts::by_eights(x + i, count - i, to, q + i, parts::Exact());
}
}  // namespace exercise
#include "tests/exercises/ch13_3_test.cpp"
}  // namespace halves_of_registers

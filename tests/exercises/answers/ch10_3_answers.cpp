// Answers to exercise 10.3. What several of them share stands first: rung 5 in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch10_3_test.cpp"

namespace parts {

using qfs::ladder::Task;

// Where the eight outputs from n on have their weights.
inline const std::int8_t* block_of(const Task& task, std::size_t n) {
  return static_cast<const std::int8_t*>(task.w) + n / 8 * qfs::ladder::blocks_of(4, task.K) * 32;
}

[[gnu::target("avx2")]] inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

[[gnu::target("avx2")]] inline __m256i broadcast(const std::uint8_t* x, std::size_t left) {
  std::uint8_t four[4] = {};
  std::memcpy(four, x, std::min<std::size_t>(left, 4));
  std::int32_t bits;
  std::memcpy(&bits, four, 4);
  return _mm256_set1_epi32(bits);
}

// Two products in every 16-bit lane: inputs k to k + 3 of row m, outputs n to n + 7. Nothing of
// inputs from `end` on.
[[gnu::target("avx2")]] inline __m256i pairs(const Task& task, std::size_t m, std::size_t n,
                                             std::size_t k, std::size_t end) {
  if (k >= end) return _mm256_setzero_si256();
  return _mm256_maddubs_epi16(broadcast(task.x + m * task.K + k, end - k),
                              load(block_of(task, n) + 8 * k));
}

// sums + the 16-bit sums of two neighbours.
[[gnu::target("avx2")]] inline __m256i add(__m256i sums, __m256i in_16_bits) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(in_16_bits, _mm256_set1_epi16(1)));
}

// Eight sums over the inputs below `end`, two products to a lane.
[[gnu::target("avx2")]] inline __m256i eight_outputs(const Task& task, std::size_t m, std::size_t n,
                                                     std::size_t end) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t k = 0; k < end; k += 4) sums = add(sums, pairs(task, m, n, k, end));
  return sums;
}

[[gnu::target("avx2")]] inline void store(const Task& task, std::size_t m, std::size_t n,
                                          __m256i sums) {
  std::int32_t eight[8];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(eight), sums);
  std::copy_n(eight, std::min<std::size_t>(task.N - n, 8), task.acc + m * task.N + n);
}

}  // namespace parts

namespace rung_5 {
const Answer kAnswer = right("rung 5 as it is, which is right and slow");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
using qfs::ladder::run_packed;
inline void run(const qfs::ladder::Task& task) { run_packed(task); }
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace rung_5

namespace four_to_a_lane {
const Answer kAnswer = right("four products to a lane, one row at a time");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      __m256i sums = _mm256_setzero_si256();
      for (std::size_t k = 0; k < task.K; k += 8) {
        __m256i in_16_bits = _mm256_setzero_si256();
        for (std::size_t i = k; i < k + 8; i += 4)
          in_16_bits = _mm256_add_epi16(in_16_bits, parts::pairs(task, m, n, i, task.K));
        sums = parts::add(sums, in_16_bits);
      }
      parts::store(task, m, n, sums);
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace four_to_a_lane

namespace no_packing {
const Answer kAnswer = right("plain loops over weights that are only copied");
namespace exercise {
inline std::size_t packed_bytes(std::size_t N, std::size_t K) { return N * K; }
inline void pack(std::size_t N, std::size_t K, const std::int8_t* w, void* packed) {
  std::memcpy(packed, w, N * K);
}
inline void run(const qfs::ladder::Task& task) {
  const auto* w = static_cast<const std::int8_t*>(task.w);
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < task.K; ++k) sum += task.x[m * task.K + k] * w[n * task.K + k];
      task.acc[m * task.N + n] = sum;
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace no_packing

namespace six_to_a_lane {
const Answer kAnswer = wrong("six products to a lane");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      __m256i sums = _mm256_setzero_si256();
      for (std::size_t k = 0; k < task.K; k += 12) {
        __m256i in_16_bits = _mm256_setzero_si256();
        for (std::size_t i = k; i < k + 12; i += 4)
          in_16_bits = _mm256_add_epi16(in_16_bits, parts::pairs(task, m, n, i, task.K));
        sums = parts::add(sums, in_16_bits);
      }
      parts::store(task, m, n, sums);
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace six_to_a_lane

namespace eight_to_a_lane {
const Answer kAnswer = wrong("eight products to a lane");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      __m256i sums = _mm256_setzero_si256();
      for (std::size_t k = 0; k < task.K; k += 16) {
        __m256i in_16_bits = _mm256_setzero_si256();
        for (std::size_t i = k; i < k + 16; i += 4)
          in_16_bits = _mm256_add_epi16(in_16_bits, parts::pairs(task, m, n, i, task.K));
        sums = parts::add(sums, in_16_bits);
      }
      parts::store(task, m, n, sums);
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace eight_to_a_lane

namespace eight_saturated {
const Answer kAnswer = wrong("eight products to a lane, added with saturation");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      __m256i sums = _mm256_setzero_si256();
      for (std::size_t k = 0; k < task.K; k += 16) {
        __m256i in_16_bits = _mm256_setzero_si256();
        for (std::size_t i = k; i < k + 16; i += 4)
          in_16_bits = _mm256_adds_epi16(in_16_bits, parts::pairs(task, m, n, i, task.K));
        sums = parts::add(sums, in_16_bits);
      }
      parts::store(task, m, n, sums);
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace eight_saturated

namespace sums_in_16_bits {
const Answer kAnswer = wrong("widens to 32 bits at the end alone");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      __m256i sums = _mm256_setzero_si256();
      for (std::size_t k = 0; k < task.K; k += 4)
        sums = _mm256_add_epi16(sums, parts::pairs(task, m, n, k, task.K));
      parts::store(task, m, n, parts::add(_mm256_setzero_si256(), sums));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace sums_in_16_bits

namespace operands_exchanged {
const Answer kAnswer = wrong("takes the weights for unsigned and the inputs for signed");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      __m256i sums = _mm256_setzero_si256();
      for (std::size_t k = 0; k < task.K; k += 4) {
        const __m256i x = parts::broadcast(task.x + m * task.K + k, task.K - k);
        sums = parts::add(sums,
                          _mm256_maddubs_epi16(parts::load(parts::block_of(task, n) + 8 * k), x));
      }
      parts::store(task, m, n, sums);
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace operands_exchanged

namespace rest_of_4_forgotten {
const Answer kAnswer = wrong("leaves out the last inputs of a K that 4 does not divide");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      parts::store(task, m, n, parts::eight_outputs(task, m, n, task.K / 4 * 4));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace rest_of_4_forgotten

namespace rest_of_8_forgotten {
const Answer kAnswer = wrong("leaves out four inputs where 8 does not divide K");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      const std::size_t end = task.K % 8 < 4 || task.K < 8 ? task.K : task.K / 8 * 8;
      parts::store(task, m, n, parts::eight_outputs(task, m, n, end));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace rest_of_8_forgotten

namespace reads_behind_x {
const Answer kAnswer = wrong("reads four inputs where fewer are left: their weights are zeros");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      parts::store(task, m, n,
                   parts::eight_outputs(task, m, n, qfs::ladder::blocks_of(4, task.K) * 4));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace reads_behind_x

namespace rest_of_outputs_forgotten {
const Answer kAnswer = wrong("leaves out the last outputs");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n + 8 <= task.N; n += 8) {
      parts::store(task, m, n, parts::eight_outputs(task, m, n, task.K));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace rest_of_outputs_forgotten

namespace writes_behind_acc {
const Answer kAnswer = wrong("writes eight sums where fewer are left");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(task.acc + m * task.N + n),
                          parts::eight_outputs(task, m, n, task.K));
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace writes_behind_acc

namespace rest_of_rows_forgotten {
const Answer kAnswer = wrong("leaves out the rows that make no four");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M && (task.M < 4 || m < task.M / 4 * 4); ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      parts::store(task, m, n, parts::eight_outputs(task, m, n, task.K));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace rest_of_rows_forgotten

namespace first_row_again {
const Answer kAnswer = wrong("multiplies the first of four rows for all of them");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      parts::store(task, m, n, parts::eight_outputs(task, m / 4 * 4, n, task.K));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace first_row_again

namespace adds_to_acc {
const Answer kAnswer = wrong("adds to what acc holds");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      std::int32_t before[8] = {};
      std::copy_n(task.acc + m * task.N + n, std::min<std::size_t>(task.N - n, 8), before);
      parts::store(task, m, n,
                   _mm256_add_epi32(parts::load(before), parts::eight_outputs(task, m, n, task.K)));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace adds_to_acc

namespace room_for_whole_blocks {
const Answer kAnswer = wrong("asks for room for N x K weights, and lays out whole blocks");
namespace exercise {
using qfs::ladder::pack;
inline std::size_t packed_bytes(std::size_t N, std::size_t K) { return N * K; }
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      parts::store(task, m, n, parts::eight_outputs(task, m, n, task.K));
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace room_for_whole_blocks

namespace two_blocks_of_one {
const Answer kAnswer = wrong("reads blocks by twos, and lays out an odd number of them");
namespace exercise {
using qfs::ladder::pack;
using qfs::ladder::packed_bytes;
[[gnu::target("avx2")]] inline void run(const qfs::ladder::Task& task) {
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 16) {
      const __m256i left = parts::eight_outputs(task, m, n, task.K);
      const __m256i right = parts::eight_outputs(task, m, n + 8, task.K);
      parts::store(task, m, n, left);
      if (n + 8 < task.N) parts::store(task, m, n + 8, right);
    }
}
}  // namespace exercise
#include "tests/exercises/ch10_3_test.cpp"
}  // namespace two_blocks_of_one

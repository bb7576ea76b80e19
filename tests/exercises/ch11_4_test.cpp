// Judges exercise 11.4.
#include "4_sixteen_bits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "11_avx2_kernel/plain_panel.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/outcome.hpp"
#include "tests/exercises/speed.hpp"
#include "tests/support/guarded_array.hpp"

const qfs::test::Assertions kAssertions(36 + QFS_SPEED_IS_JUDGED);

namespace {

constexpr std::size_t kRows = qfs::panel::kRows, kStripRows = qfs::panel::kStripRows,
                      kStrips = qfs::panel::kStrips;

using Inputs = std::vector<std::uint8_t>;  // 32 x K
using Weights = std::vector<std::int8_t>;
using Sums = std::vector<std::int32_t>;
using qfs::test::Against;

std::size_t strip_bytes_of(std::size_t K) { return (K + 3) / 4 * 32; }

// Four strips, `gap` bytes after each, in memory that begins or ends at a page nobody may touch.
struct Strips {
  qfs::test::GuardedArray<std::uint8_t> bytes;
  std::size_t apart;

  Strips(const Inputs& x, std::size_t K, std::size_t gap, Against side)
      : bytes(kStrips * (strip_bytes_of(K) + gap) - gap, side), apart(strip_bytes_of(K) + gap) {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{99});
    for (std::size_t s = 0; s < kStrips; ++s)
      qfs::plain_kernel().interleave(x.data() + s * kStripRows * K, K, kStripRows, K,
                                     bytes.data() + s * apart);
  }
};

Sums yours(const Inputs& x, const Weights& w, std::size_t gap = 0) {
  const Strips strips(x, w.size(), gap, Against::first_page);
  alignas(32) std::array<std::int32_t, kRows> sums;
  sums.fill(-999);
  exercise::sixteen_bits(strips.bytes.data(), strips.apart, w.data(), w.size(), sums.data());
  return Sums(sums.begin(), sums.end());
}

Sums expected(const Inputs& x, const Weights& w) {
  Sums sums(kRows, 0);
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t k = 0; k < w.size(); ++k) sums[row] += x[row * w.size() + k] * w[k];
  return sums;
}

// Values of which a third are the lowest, a third the highest.
void fill(auto& values, int lowest, int highest, std::uint64_t seed) {
  qfs::Rng rng(seed);
  const auto count = static_cast<std::uint64_t>(highest - lowest + 1);
  for (auto& value : values) {
    const auto kind = rng.below(3);
    const int between = lowest + static_cast<int>(rng.below(count));
    value = static_cast<std::decay_t<decltype(value)>>(kind == 0   ? lowest
                                                       : kind == 1 ? highest
                                                                   : between);
  }
}

std::string difference(const Inputs& x, const Weights& w, std::size_t gap = 0) {
  const Sums got = yours(x, w, gap), wanted = expected(x, w);
  for (std::size_t row = 0; row < kRows; ++row)
    if (got[row] != wanted[row])
      return "K = " + std::to_string(w.size()) + ", row " + std::to_string(row) + ": got " +
             std::to_string(got[row]) + ", expected " + std::to_string(wanted[row]);
  return "";
}

// Empty, or the first depth at which random rows give another sum.
std::string first_depth_that_differs(std::size_t from, std::size_t to, std::size_t gap) {
  for (std::size_t K = from; K <= to; ++K) {
    Inputs x(kRows * K);
    Weights w(K);
    fill(x, 0, 127, 2 * K);
    fill(w, -32, 32, 2 * K + 1);
    if (std::string text = difference(x, w, gap); !text.empty()) return text;
  }
  return "";
}

// All inputs 127, the weights given.
std::string of_largest_inputs(const Weights& w) {
  return difference(Inputs(kRows * w.size(), 127), w);
}

// Weights of 32 and -32 by turns of `period`.
Weights turns(std::size_t K, std::size_t period) {
  Weights w(K);
  for (std::size_t k = 0; k < K; ++k)
    w[k] = k / period % 2 == 0 ? std::int8_t{32} : std::int8_t{-32};
  return w;
}

// Inputs, weights and sums begin at a page that may not be touched, or end at one.
void run_between_pages(std::size_t K) {
  for (Against side : {Against::first_page, Against::last_page}) {
    const Strips strips(Inputs(kRows * K, 1), K, 0, side);
    const qfs::test::GuardedArray<std::int8_t> w(K, side);
    const qfs::test::GuardedArray<std::int32_t> sums(kRows, side);
    exercise::sixteen_bits(strips.bytes.data(), strips.apart, w.data(), K, sums.data());
  }
}

}  // namespace

TEST_CASE("11.4 this exercise needs a CPU with AVX2") {
  INFO("this machine's has none: " << qfs::cpu_text());
  REQUIRE(qfs::cpu_features().avx2);
}

TEST_CASE("11.4 on paper: rows 0 to 31, four inputs") {
  Inputs x;
  for (std::uint8_t row = 0; row < kRows; ++row)
    x.insert(x.end(), {row, static_cast<std::uint8_t>(row + 1), 0, 2});
  const Sums sums = yours(x, {3, -2, 5, 7});  // 3 row - 2 (row + 1) + 14 = row + 12
  CHECK(sums.front() == 12);
  CHECK(sums[7] == 19);
  CHECK(sums[8] == 20);
  CHECK(sums.back() == 43);
  CHECK(yours({}, {}) == Sums(kRows, 0));
}

TEST_CASE("11.4 nothing outside the arrays") {
  for (std::size_t K :
       std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 33, 784}) {
    INFO("K = " << K);
    CHECK(qfs::test::outcome_of([K] { run_between_pages(K); }) == "done");
  }
}

TEST_CASE("11.4 weights and sums at odd addresses, and 32 sums alone") {
  const Strips strips(Inputs(kRows * 21, 3), 21, 0, Against::first_page);
  const Weights w(22, 2);
  Sums sums(kRows + 2, -999);
  const auto run = [&] {
    exercise::sixteen_bits(strips.bytes.data(), strips.apart, w.data() + 1, 21, sums.data() + 1);
  };
  REQUIRE(qfs::test::outcome_of(run) == "done");
  run();
  CHECK(sums.front() == -999);
  CHECK(sums.back() == -999);
  CHECK(Sums(sums.begin() + 1, sums.end() - 1) == Sums(kRows, 21 * 6));
}

TEST_CASE("11.4 every depth up to 200, and a few more") {
  CHECK(first_depth_that_differs(0, 200, 0) == "");
  CHECK(first_depth_that_differs(780, 790, 0) == "");
}

TEST_CASE("11.4 strips that lie apart") { CHECK(first_depth_that_differs(1, 50, 96) == ""); }

TEST_CASE("11.4 the largest sums: eight products fit, and no more") {
  CHECK(of_largest_inputs(Weights(784, 32)) == "");
  CHECK(of_largest_inputs(Weights(784, -32)) == "");
  CHECK(of_largest_inputs(Weights(7001, 32)) == "");
  CHECK(of_largest_inputs(Weights(7001, -32)) == "");
}

TEST_CASE("11.4 weights that cancel, by turns") {
  for (std::size_t period : std::vector<std::size_t>{1, 2, 4, 16}) {
    INFO("turns of " << period);
    CHECK(of_largest_inputs(turns(800, period)) == "");
  }
}

#if QFS_SPEED_IS_JUDGED
namespace qfs::test {
using SixteenBits = void(const std::uint8_t*, std::size_t, const std::int8_t*, std::size_t,
                         std::int32_t*);
extern SixteenBits* const our_sixteen_bits;
}  // namespace qfs::test

namespace {

// Two products to a lane: a vpmaddwd for every vpmaddubsw. K is a multiple of 4.
[[gnu::target("avx2")]] void two_to_a_lane(const std::uint8_t* x, std::size_t strip_bytes,
                                           const std::int8_t* w, std::size_t K,
                                           std::int32_t* sums) {
  __m256i of_strip[kStrips] = {};
  for (std::size_t k = 0; k < K; k += 4) {
    std::int32_t four;
    std::memcpy(&four, w + k, 4);
    for (std::size_t s = 0; s < kStrips; ++s) {
      const auto* strip = reinterpret_cast<const __m256i*>(x + s * strip_bytes + 8 * k);
      const __m256i pairs = _mm256_maddubs_epi16(_mm256_load_si256(strip), _mm256_set1_epi32(four));
      of_strip[s] = _mm256_add_epi32(of_strip[s], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
  }
  std::memcpy(sums, of_strip, sizeof of_strip);
}

}  // namespace

TEST_CASE("11.4 fast enough: at least 0.8 x of ours") {
  constexpr std::size_t kOutputs = 100, kDepth = 784;
  Inputs x(kRows * kDepth);
  Weights w(kOutputs * kDepth);
  fill(x, 0, 127, 1);
  fill(w, -32, 32, 2);
  const Strips strips(x, kDepth, 0, Against::first_page);
  Sums sums(kOutputs * kRows);
  const auto all_outputs = [&](qfs::test::SixteenBits* product) {
    return [&, product] {
      for (std::size_t n = 0; n < kOutputs; ++n)
        product(strips.bytes.data(), strips.apart, w.data() + n * kDepth, kDepth,
                sums.data() + n * kRows);
    };
  };
  CHECK(qfs::test::is_fast_enough({.yours = all_outputs(exercise::sixteen_bits),
                                   .plain = all_outputs(two_to_a_lane),
                                   .ours = all_outputs(qfs::test::our_sixteen_bits),
                                   .products = kRows * kOutputs * kDepth}));
}
#endif

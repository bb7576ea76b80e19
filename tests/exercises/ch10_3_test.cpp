// Judges exercise 10.3.
#include "3_rung_of_your_own.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "10_kernel_ladder/ladder.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/outcome.hpp"
#include "tests/exercises/speed.hpp"
#include "tests/support/guarded_array.hpp"

const qfs::test::Assertions kAssertions(24 + QFS_SPEED_IS_JUDGED);

namespace {

using Inputs = qfs::Matrix<std::uint8_t>;
using Weights = qfs::Matrix<std::int8_t>;
using Sums = qfs::Matrix<std::int32_t>;
using qfs::test::Against;

// What the answer is, as a rung.
const qfs::ladder::Rung kYours = {
    "yours",
    true,
    true,
    [](const qfs::ladder::Task& task) { exercise::run(task); },
    [](std::size_t N, std::size_t K) { return exercise::packed_bytes(N, K); },
    [](std::size_t N, std::size_t K, const std::int8_t* w, void* packed) {
      exercise::pack(N, K, w, packed);
    }};

struct Example {
  Inputs x;
  Weights w;
};

Example random_example(std::size_t M, std::size_t N, std::size_t K) {
  qfs::Rng rng(M * 1'000'000 + N * 1000 + K);
  Example example{qfs::make_tensor<std::uint8_t>({M, K}), qfs::make_tensor<std::int8_t>({N, K})};
  for (auto& x : example.x) x = static_cast<std::uint8_t>(rng.below(128));
  for (auto& w : example.w) w = static_cast<std::int8_t>(static_cast<int>(rng.below(128)) - 64);
  return example;
}

Sums yours(const Example& example) {
  auto acc = qfs::make_tensor<std::int32_t>({example.x.shape(0), example.w.shape(0)});
  acc.fill(-999);
  qfs::LadderWeights(kYours, example.w).run(example.x, acc);
  return acc;
}

Sums expected(const Example& example) {
  auto acc = qfs::make_tensor<std::int32_t>({example.x.shape(0), example.w.shape(0)});
  qfs::LadderWeights(qfs::ladder_rungs()[0], example.w).run(example.x, acc);
  return acc;
}

// Empty, or the first sum of a random example that is not as it should be.
std::string first_difference(std::size_t M, std::size_t N, std::size_t K) {
  const Example example = random_example(M, N, K);
  const Sums got = yours(example), wanted = expected(example);
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t n = 0; n < N; ++n)
      if (got(m, n) != wanted(m, n))
        return "M = " + std::to_string(M) + ", N = " + std::to_string(N) +
               ", K = " + std::to_string(K) + ": acc[" + std::to_string(m) + ", " +
               std::to_string(n) + "] is " + std::to_string(got(m, n)) + ", expected " +
               std::to_string(wanted(m, n));
  return "";
}

std::string first_difference_up_to_40(std::size_t M) {
  for (std::size_t N = 1; N <= 40; ++N)
    for (std::size_t K = 1; K <= 40; ++K)
      if (std::string text = first_difference(M, N, K); !text.empty()) return text;
  return "";
}

// Every array ends at a page that may not be touched, or begins at one.
void run_between_pages(std::size_t M, std::size_t N, std::size_t K) {
  for (Against side : {Against::first_page, Against::last_page}) {
    const qfs::test::GuardedArray<std::uint8_t> x(M * K, side);
    const qfs::test::GuardedArray<std::int8_t> w(N * K, side);
    const qfs::test::GuardedArray<std::int32_t> acc(M * N, side);
    const std::size_t bytes = exercise::packed_bytes(N, K);
    const qfs::test::GuardedArray<std::byte> packed((bytes + 31) / 32 * 32, side);
    exercise::pack(N, K, w.data(), packed.data());
    exercise::run({M, N, K, x.data(), packed.data(), acc.data()});
  }
}

bool all_are(const Sums& sums, std::int32_t value) {
  return std::all_of(sums.begin(), sums.end(), [&](std::int32_t sum) { return sum == value; });
}

// 5 x 19 sums of K products x w.
Sums of_constants(std::size_t K, std::uint8_t x, std::int8_t w) {
  Example example{qfs::make_tensor<std::uint8_t>({5, K}), qfs::make_tensor<std::int8_t>({19, K})};
  example.x.fill(x);
  example.w.fill(w);
  return yours(example);
}

}  // namespace

TEST_CASE("10.3 this exercise needs a CPU with AVX2") {
  INFO("this machine's has none: " << qfs::cpu_text());
  REQUIRE(qfs::cpu_features().avx2);
}

TEST_CASE("10.3 on paper: one row, eight outputs, four inputs") {
  Example example{{{1, 2, 3, 4}}, qfs::make_tensor<std::int8_t>({8, 4})};
  for (std::size_t n = 0; n < 8; ++n)
    for (std::size_t k = 0; k < 4; ++k)
      example.w(n, k) = static_cast<std::int8_t>((k + 1) * n - 5 * n);
  // n (-4, -3, -2, -1): the sum is n (-4 - 6 - 6 - 4)
  const Sums sums = yours(example);
  CHECK(std::vector(sums.begin(), sums.end()) ==
        std::vector<std::int32_t>{0, -20, -40, -60, -80, -100, -120, -140});
}

TEST_CASE("10.3 nothing outside the arrays") {
  for (const auto& [M, N, K] : std::vector<std::array<std::size_t, 3>>{{1, 1, 1},
                                                                       {1, 8, 4},
                                                                       {1, 7, 3},
                                                                       {2, 9, 5},
                                                                       {4, 16, 8},
                                                                       {5, 17, 9},
                                                                       {3, 33, 31},
                                                                       {9, 100, 39}}) {
    INFO("M = " << M << ", N = " << N << ", K = " << K);
    CHECK(qfs::test::outcome_of([&, M = M, N = N, K = K] { run_between_pages(M, N, K); }) ==
          "done");
  }
}

TEST_CASE("10.3 shapes up to 40") {
  for (std::size_t M : std::vector<std::size_t>{1, 2, 3, 4, 5, 7})
    CHECK(first_difference_up_to_40(M) == "");
  CHECK(first_difference(40, 40, 40) == "");
  CHECK(first_difference(39, 37, 35) == "");
}

TEST_CASE("10.3 the largest sums") {
  CHECK(all_are(of_constants(784, 127, -64), 784 * 127 * -64));
  CHECK(all_are(of_constants(784, 127, 63), 784 * 127 * 63));
  CHECK(all_are(of_constants(65001, 127, -64), 65001 * 127 * -64));
  CHECK(all_are(of_constants(65001, 127, 63), 65001 * 127 * 63));
}

TEST_CASE("10.3 neighbours that cancel, by twos and by eights") {
  for (std::size_t period : std::vector<std::size_t>{2, 8}) {
    Example example = random_example(6, 24, 800);
    example.x.fill(127);
    for (std::size_t n = 0; n < 24; ++n)
      for (std::size_t k = 0; k < 800; ++k)
        example.w(n, k) = k % (2 * period) < period ? std::int8_t{63} : std::int8_t{-63};
    CHECK(all_are(yours(example), 0));
  }
}

#if QFS_SPEED_IS_JUDGED
namespace qfs::test {
extern const ladder::Rung our_rung;
}

constexpr qfs::ladder::Rung kPacked = {
    "packed weights", true, true, qfs::ladder::run_packed, qfs::ladder::packed_bytes,
    qfs::ladder::pack};

TEST_CASE("10.3 fast enough: at least 0.8 x of ours") {
  constexpr std::size_t kRows = 64, kOutputs = 100, kDepth = 784;
  const Example example = random_example(kRows, kOutputs, kDepth);
  auto acc = qfs::make_tensor<std::int32_t>({kRows, kOutputs});
  const qfs::LadderWeights your_weights(kYours, example.w), plain_weights(kPacked, example.w),
      our_weights(qfs::test::our_rung, example.w);
  CHECK(qfs::test::is_fast_enough({.yours = [&] { your_weights.run(example.x, acc); },
                                   .plain = [&] { plain_weights.run(example.x, acc); },
                                   .ours = [&] { our_weights.run(example.x, acc); },
                                   .products = kRows * kOutputs * kDepth}));
}
#endif

// Judges exercise 10.2.
#include "2_sign_trick.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/outcome.hpp"
#include "tests/exercises/speed.hpp"
#include "tests/support/guarded_array.hpp"

const qfs::test::Assertions kAssertions(32 + QFS_SPEED_IS_JUDGED);

namespace {

using Bytes = std::vector<std::int8_t>;
using qfs::test::Against;

std::int32_t plain_dot(const std::int8_t* x, const std::int8_t* w, std::size_t K) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < K; ++k) sum += x[k] * w[k];
  return sum;
}

std::int32_t yours(const Bytes& x, const Bytes& w) {
  return exercise::dot_s8s8(x.data(), w.data(), x.size());
}

void fill(auto& bytes, int lowest, std::uint64_t seed) {
  qfs::Rng rng(seed);
  const auto values = static_cast<std::uint64_t>(128 - lowest);
  for (auto& b : bytes) b = static_cast<std::int8_t>(lowest + static_cast<int>(rng.below(values)));
}

// The rows begin at a page that may not be touched, or end at one: at addresses even and odd.
void run_between_pages(std::size_t K) {
  for (Against side : {Against::first_page, Against::last_page}) {
    const qfs::test::GuardedArray<std::int8_t> x(K, side), w(K, side);
    [[maybe_unused]] const volatile std::int32_t sum = exercise::dot_s8s8(x.data(), w.data(), K);
  }
}

// Empty, or the first depth up to 300 at which random rows give another sum.
std::string first_depth_that_differs() {
  for (std::size_t K = 0; K <= 300; ++K) {
    Bytes x(K), w(K);
    fill(x, -128, 2 * K);
    fill(w, -127, 2 * K + 1);
    const std::int32_t got = yours(x, w), expected = plain_dot(x.data(), w.data(), K);
    if (got != expected)
      return "K = " + std::to_string(K) + ": got " + std::to_string(got) + ", expected " +
             std::to_string(expected);
  }
  return "";
}

// Empty, or the first product of two bytes that comes out wrong: at place k of 64, zeros elsewhere.
std::string first_product_that_differs(std::size_t k) {
  Bytes x(64), w(64, 77);
  for (int a = -128; a <= 127; ++a)
    for (int b = -127; b <= 127; ++b) {
      x[k] = static_cast<std::int8_t>(a);
      w[k] = static_cast<std::int8_t>(b);
      if (yours(x, w) != a * b)
        return std::to_string(a) + " * " + std::to_string(b) + " at k = " + std::to_string(k);
    }
  return "";
}

std::int32_t of_constants(std::size_t K, std::int8_t x, std::int8_t w) {
  return yours(Bytes(K, x), Bytes(K, w));
}

}  // namespace

TEST_CASE("10.2 this exercise needs a CPU with AVX2") {
  INFO("this machine's has none: " << qfs::cpu_text());
  REQUIRE(qfs::cpu_features().avx2);
}

TEST_CASE("10.2 on paper") {
  CHECK(yours({3, -2, 0, -128}, {-5, -7, 9, 127}) == -15 + 14 + 0 - 16256);
  CHECK(yours({}, {}) == 0);
}

TEST_CASE("10.2 any address, and nothing outside the rows") {
  for (std::size_t K : std::vector<std::size_t>{0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65,
                                                100, 127, 128, 129, 784}) {
    INFO("K = " << K);
    CHECK(qfs::test::outcome_of([K] { run_between_pages(K); }) == "done");
  }
}

TEST_CASE("10.2 every depth up to 300") { CHECK(first_depth_that_differs() == ""); }

TEST_CASE("10.2 every product of two bytes") {
  CHECK(first_product_that_differs(0) == "");
  CHECK(first_product_that_differs(17) == "");
  CHECK(first_product_that_differs(63) == "");
}

TEST_CASE("10.2 the largest sums") {
  CHECK(of_constants(64, -128, -127) == 64 * 16256);
  CHECK(of_constants(64, -128, 127) == 64 * -16256);
  CHECK(of_constants(131072, -128, -127) == 2130706432);
  CHECK(of_constants(131072, -128, 127) == -2130706432);
  CHECK(of_constants(100001, 127, 127) == 1612916129);
  CHECK(of_constants(100001, 127, -127) == -1612916129);
}

TEST_CASE("10.2 neighbours that cancel") {
  Bytes x(1000, -128), w(1000, 127);
  for (std::size_t k = 1; k < w.size(); k += 2) w[k] = -127;
  CHECK(yours(x, w) == 0);
}

#if QFS_SPEED_IS_JUDGED
namespace qfs::test {
extern std::int32_t (*const our_dot_s8s8)(const std::int8_t*, const std::int8_t*, std::size_t);
}

TEST_CASE("10.2 fast enough: at least 0.8 x of ours") {
  constexpr std::size_t kRows = 100, kDepth = 784;
  Bytes x(kDepth), w(kRows * kDepth);
  fill(x, -128, 1);
  fill(w, -127, 2);
  std::vector<std::int32_t> sums(kRows);
  const auto all_rows = [&](auto dot) {
    return [&, dot] {
      for (std::size_t n = 0; n < kRows; ++n)
        sums[n] = dot(x.data(), w.data() + n * kDepth, kDepth);
    };
  };
  CHECK(qfs::test::is_fast_enough({.yours = all_rows(exercise::dot_s8s8),
                                   .plain = all_rows(plain_dot),
                                   .ours = all_rows(qfs::test::our_dot_s8s8),
                                   .products = kRows * kDepth}));
}
#endif

// Judges exercise 4.3.
#include "3_wilson.hpp"

#include <cmath>

#include "04_mnist_mlp/evaluate.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(9138);

using exercise::Verdict;

TEST_CASE("4.3 on paper: 8 of 10") {
  const exercise::Interval interval = exercise::wilson(8, 10);
  CHECK(std::fabs(interval.low - 0.490162) <= 1e-6);  // 0.716740 - 0.226578
  CHECK(std::fabs(interval.high - 0.943318) <= 1e-6);
}

TEST_CASE("4.3 none and all: the interval stays inside [0, 1], and has a width") {
  const exercise::Interval none = exercise::wilson(0, 10), all = exercise::wilson(10, 10);
  CHECK(std::fabs(none.low) <= 1e-12);
  CHECK(std::fabs(none.high - 0.277533) <= 1e-6);  // z^2 / (10 + z^2)
  CHECK(std::fabs(all.high - 1.0) <= 1e-12);
  CHECK(std::fabs(all.low - 0.722467) <= 1e-6);
}

TEST_CASE("4.3 every count gives what the chapter gives") {
  // A dozen roundings of 2^-53, and some more where the two terms nearly cancel.
  for (std::size_t total : {1U, 2U, 3U, 7U, 10U, 50U, 200U, 2000U})
    for (std::size_t correct = 0; correct <= total; ++correct) {
      const auto expected = qfs::wilson_interval(correct, total);
      const auto got = exercise::wilson(correct, total);
      INFO(correct << " of " << total);
      REQUIRE(std::fabs(got.low - expected.low) <= 1e-12);
      REQUIRE(std::fabs(got.high - expected.high) <= 1e-12);
      REQUIRE(got.low >= 0.0);
      REQUIRE(got.high <= 1.0);
    }
}

TEST_CASE("4.3 better only where the intervals do not touch") {
  CHECK(exercise::compare(1863, 1880, 2000) == Verdict::cannot_say);  // 93.15 and 94.00 %
  CHECK(exercise::compare(1880, 1863, 2000) == Verdict::cannot_say);
  CHECK(exercise::compare(1900, 1820, 2000) == Verdict::a_is_better);
  CHECK(exercise::compare(1820, 1900, 2000) == Verdict::b_is_better);
  // 92 and 94 %: a test of the difference would see one, but the intervals overlap.
  CHECK(exercise::compare(1840, 1880, 2000) == Verdict::cannot_say);
  CHECK(exercise::compare(1880, 1840, 2000) == Verdict::cannot_say);
  CHECK(exercise::compare(5, 5, 10) == Verdict::cannot_say);
  // The same shares with a tenth of the digits prove nothing.
  CHECK(exercise::compare(190, 182, 200) == Verdict::cannot_say);
}

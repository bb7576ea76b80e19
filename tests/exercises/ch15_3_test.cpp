// Judges exercise 15.3.
#include "3_returned_max.hpp"

#include <cmath>

#include "15_calibration_methods/calibrators.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(57);

// Two sums of some ten terms near 1, each rounded by 1e-16: 1e-12 is a thousand times that.
const double kSameSum = 1e-12;

TEST_CASE("15.3 the example of the text") {
  const std::vector<std::uint64_t> counts = {8, 8, 4, 4, 2, 1, 0, 1};
  CHECK(std::fabs(exercise::divergence(counts, 4, 2) - 0.0439) < 5.1e-5);
  CHECK(std::fabs(exercise::divergence(counts, 5, 2) - 0.0393) < 5.1e-5);
  CHECK(std::fabs(exercise::divergence(counts, 6, 2) - 0.0498) < 5.1e-5);
  CHECK(std::fabs(exercise::divergence(counts, 8, 2) - 0.0570) < 5.1e-5);
}

TEST_CASE("15.3 an outlier that falls into an empty bin") {
  CHECK(std::isinf(exercise::divergence({8, 8, 4, 4, 2, 1, 0, 1}, 7, 2)));
  // Nothing beyond: an empty last bin is as good as any.
  CHECK(std::fabs(exercise::divergence({8, 4, 2, 0}, 4, 4)) < kSameSum);
}

TEST_CASE("15.3 nothing inside") { CHECK(std::isinf(exercise::divergence({0, 0, 3}, 2, 2))); }

TEST_CASE("15.3 the outliers are in P alone") {
  // P = 1, 1 + 2; Q = 1, 1: ln(2/4) + 3/4 ln 3.
  const double expected = std::log(0.5) + 0.75 * std::log(3.0);
  CHECK(std::fabs(exercise::divergence({1, 1, 1, 1}, 2, 2) - expected) < kSameSum);
}

TEST_CASE("15.3 empty bins are no members") {
  // One level of 6 and 0 and 2: Q = 4, -, 4. Shares 3/4 and 1/4 against 1/2 and 1/2.
  const double expected = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  CHECK(std::fabs(exercise::divergence({6, 0, 2, 0}, 4, 1) - expected) < kSameSum);
  // Two levels, 6 and 0, 2 and 0: nothing is merged with another value.
  CHECK(std::fabs(exercise::divergence({6, 0, 2, 0}, 4, 2)) < kSameSum);
}

TEST_CASE("15.3 as the chapter has it") {
  qfs::Rng rng(153);
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<std::uint64_t> counts(20 + rng.below(40));
    for (std::uint64_t& count : counts) count = rng.below(4) * rng.below(9);
    counts[3] = 5;
    const std::size_t i = 4 + rng.below(counts.size() - 3), levels = std::size_t{2} << rng.below(4);
    const double expected = qfs::clip_divergence(counts, i, levels);
    const double found = exercise::divergence(counts, i, levels);
    INFO("trial " << trial << ", i " << i << ", levels " << levels);
    CHECK((found == expected || std::fabs(found - expected) < kSameSum));
  }
}

TEST_CASE("15.3 and so a search clips") {
  // A thousand values that fall off evenly, and one far away: T is where they end.
  std::vector<std::uint64_t> counts(200, 0);
  for (std::size_t j = 0; j < 60; ++j) counts[j] = 60 - j;
  counts[199] = 1;
  std::size_t best = 0;
  double least = HUGE_VAL;
  for (std::size_t i = 32; i <= 200; ++i) {
    const double found = exercise::divergence(counts, i, 32);
    if (found <= least) best = i;
    least = std::min(least, found);
  }
  CHECK((best > 32 && best <= 60));
  std::size_t finite = 0;
  for (std::size_t i = 1; i <= 6; ++i)
    finite += std::isfinite(exercise::divergence(counts, 10 * i, 32)) ? 1 : 0;
  CHECK(finite == 6);
  for (std::size_t i = 61; i < 66; ++i) CHECK(std::isinf(exercise::divergence(counts, i, 32)));
}

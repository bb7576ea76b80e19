// Judges exercise 15.1.
#include "1_inside_the_bin.hpp"

#include <cmath>

#include "15_calibration_methods/calibrators.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(69);

TEST_CASE("15.1 inside a bin, at the share that is needed") {
  // Up to 2 there are 8 counts of 16; bin 2 has 4 more.
  const qfs::Histogram h{.width = 1.0, .counts = {6, 2, 4, 4}};
  CHECK(exercise::percentile_inside(h, 62.5) == 2.5);     // 10: 2 of bin 2's 4
  CHECK(exercise::percentile_inside(h, 56.25) == 2.25);   // 9
  CHECK(exercise::percentile_inside(h, 46.875) == 1.75);  // 7.5: one and a half of bin 1's 2
  CHECK(exercise::percentile_inside(h, 18.75) == 0.5);    // 3 of the first 6
}

TEST_CASE("15.1 exactly reached: the right edge") {
  const qfs::Histogram h{.width = 1.0, .counts = {6, 2, 4, 4}};
  CHECK(exercise::percentile_inside(h, 50.0) == 2.0);
  CHECK(exercise::percentile_inside(h, 75.0) == 3.0);
  CHECK(exercise::percentile_inside(h, 100.0) == 4.0);
}

TEST_CASE("15.1 empty bins: where the last value was, not where the next one is") {
  const qfs::Histogram h{.width = 1.0, .counts = {8, 0, 0, 8}};
  CHECK(exercise::percentile_inside(h, 50.0) == 1.0);
  CHECK(exercise::percentile_inside(h, 75.0) == 3.5);
  const qfs::Histogram late{.width = 1.0, .counts = {0, 0, 8, 0}};
  CHECK(exercise::percentile_inside(late, 25.0) == 2.25);
  CHECK(exercise::percentile_inside(late, 100.0) == 3.0);
}

TEST_CASE("15.1 the width of the bins counts") {
  const qfs::Histogram h{.width = 0.25, .counts = {4, 4, 8}};
  CHECK(exercise::percentile_inside(h, 75.0) == 0.625);
}

TEST_CASE("15.1 nearly all zeros: T is small, but not 0") {
  qfs::Histogram h{.width = 1.0, .counts = std::vector<std::uint64_t>(2048, 0)};
  h.counts[0] = 1023;
  h.counts[2047] = 1;
  CHECK(qfs::percentile_threshold(h, 50.0) == 0.0);
  CHECK(std::fabs(exercise::percentile_inside(h, 50.0) - 512.0 / 1023.0) < 1e-12);
}

TEST_CASE("15.1 no bins: 0") { CHECK(exercise::percentile_inside(qfs::Histogram{}, 50.0) == 0.0); }

TEST_CASE("15.1 within a bin of the chapter's, and never falling") {
  qfs::Rng rng(151);
  for (int trial = 0; trial < 9; ++trial) {
    qfs::Histogram h{.width = 0.125, .counts = std::vector<std::uint64_t>(40, 0)};
    for (std::uint64_t& count : h.counts) count = rng.below(3) * rng.below(100);
    h.counts[39] = 7;
    double before = 0.0;
    for (double percent : {10.0, 40.0, 70.0, 95.0, 99.5}) {
      const double t = exercise::percentile_inside(h, percent);
      const double left = qfs::percentile_threshold(h, percent);
      INFO("trial " << trial << ", percent " << percent);
      // The wanted count is rounded, by some 1e-16 of it.
      CHECK((t > left - 1e-9 && t < left + h.width + 1e-9 && t > before));
      before = t;
    }
    CHECK(exercise::percentile_inside(h, 100.0) == 5.0);
  }
}

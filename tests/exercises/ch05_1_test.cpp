// Judges exercise 5.1.
#include "1_moving_average.hpp"

#include <vector>

#include "05_observers/observer.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

namespace {
using Batch = std::vector<float>;
}

TEST_CASE("5.1 the first batch sets the interval") {
  exercise::MovingAverage average{.c = 0.5F, .seen = false, .lo = 0.0F, .hi = 0.0F};
  average.observe(Batch{3.0F, -1.0F, 0.25F});
  CHECK(average.lo == -1.0F);
  CHECK(average.hi == 3.0F);
}

TEST_CASE("5.1 on paper: three batches, c = 0.5") {
  exercise::MovingAverage average{.c = 0.5F, .seen = false, .lo = 0.0F, .hi = 0.0F};
  average.observe(Batch{-1.0F, 0.25F, 3.0F});
  average.observe(Batch{-2.0F, 1.0F, 5.0F});
  CHECK(average.lo == -1.5F);  // -1 + 0.5 (-2 + 1)
  CHECK(average.hi == 4.0F);   // 3 + 0.5 (5 - 3)
  average.observe(Batch{0.5F, 0.75F, 1.0F});
  CHECK(average.lo == -0.5F);  // the interval may shrink again
  CHECK(average.hi == 2.5F);
}

TEST_CASE("5.1 a first batch above 0 is not pulled toward 0") {
  exercise::MovingAverage average;
  average.observe(Batch{5.0F, 7.0F});
  CHECK(average.lo == 5.0F);
  CHECK(average.hi == 7.0F);
}

TEST_CASE("5.1 a hundred random batches: the bits of the chapter's observer") {
  qfs::Rng rng(51);
  exercise::MovingAverage average;
  qfs::MovingAverageMinMaxObserver expected;
  for (int b = 0; b < 100; ++b) {
    Batch batch(50);
    for (float& x : batch) x = static_cast<float>(rng.normal());
    average.observe(batch);
    expected.observe(batch);
    INFO("after batch " << b + 1 << ": equal to six digits? Then the order of operations differs");
    CHECK(average.lo == expected.interval().min);
    CHECK(average.hi == expected.interval().max);
  }
}

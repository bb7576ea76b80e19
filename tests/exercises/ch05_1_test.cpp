// Judges exercise 5.1.
#include "1_slow_to_narrow.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "05_observers/observer.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

namespace {

using Batch = std::vector<float>;

exercise::SlowToNarrow fresh(float c) { return {.c = c, .seen = false, .lo = 0.0F, .hi = 0.0F}; }

}  // namespace

TEST_CASE("5.1 the first batch sets the interval") {
  auto observer = fresh(0.5F);
  observer.observe(Batch{3.0F, -1.0F, 0.25F});
  CHECK(observer.seen);
  CHECK(observer.lo == -1.0F);
  CHECK(observer.hi == 3.0F);
  auto above = fresh(0.5F);
  above.observe(Batch{5.0F, 7.0F});
  CHECK(above.lo == 5.0F);  // not pulled toward 0
  CHECK(above.hi == 7.0F);
}

TEST_CASE("5.1 on paper: three batches, c = 0.5") {
  auto observer = fresh(0.5F);
  observer.observe(Batch{-1.0F, 0.25F, 3.0F});
  observer.observe(Batch{-2.0F, 1.0F, 5.0F});
  CHECK(observer.lo == -2.0F);  // both ends are exceeded: at once
  CHECK(observer.hi == 5.0F);
  observer.observe(Batch{0.5F, 0.75F, 1.0F});
  CHECK(observer.lo == -0.75F);  // -2 + 0.5 (0.5 + 2)
  CHECK(observer.hi == 3.0F);    // 5 + 0.5 (1 - 5)
}

TEST_CASE("5.1 one end may widen while the other narrows") {
  auto observer = fresh(0.25F);
  observer.observe(Batch{-4.0F, 4.0F});
  observer.observe(Batch{0.0F, 8.0F});
  CHECK(observer.lo == -3.0F);  // -4 + 0.25 * 4
  CHECK(observer.hi == 8.0F);
}

TEST_CASE("5.1 an outlier is forgotten") {
  auto observer = fresh(0.01F);
  observer.observe(Batch{-1.0F, 1000.0F});
  for (int batch = 0; batch < 1500; ++batch) observer.observe(Batch{-1.0F, 1.0F});
  CHECK(observer.lo == -1.0F);
  CHECK(observer.hi < 1.01F);  // 999 * 0.99^1500 = 0.0003 is left
}

TEST_CASE("5.1 random batches: never cut off, never wider than min-max") {
  qfs::Rng rng(51);
  auto observer = fresh(0.01F);
  qfs::MinMaxObserver all;
  for (int b = 0; b < 100; ++b) {
    Batch batch(50);
    for (float& x : batch) x = static_cast<float>(rng.normal());
    const float lo = observer.lo, hi = observer.hi;
    observer.observe(batch);
    all.observe(batch);
    const auto [min, max] = std::minmax_element(batch.begin(), batch.end());
    INFO("after batch " << b + 1);
    CHECK(observer.lo <= *min);
    CHECK(observer.hi >= *max);
    CHECK(observer.lo >= all.interval().min);
    CHECK(observer.hi <= all.interval().max);
    INFO("equal to six digits? Then the order of operations differs");
    if (b > 0 && *min >= lo) CHECK(observer.lo == lo + 0.01F * (*min - lo));
    if (b > 0 && *max <= hi) CHECK(observer.hi == hi + 0.01F * (*max - hi));
  }
}

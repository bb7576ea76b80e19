// Judges exercise 5.1.
#include "1_slow_to_narrow.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "05_observers/observer.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(819);

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

TEST_CASE("5.1 the ends move toward the batch's, not toward 0, and may pass it") {
  auto observer = fresh(0.5F);
  observer.observe(Batch{-4.0F, -2.0F});
  observer.observe(Batch{6.0F, 8.0F});
  CHECK(observer.lo == 1.0F);  // -4 + 0.5 (6 + 4)
  CHECK(observer.hi == 8.0F);
  observer.observe(Batch{-8.0F, -6.0F});
  CHECK(observer.lo == -8.0F);
  CHECK(observer.hi == 1.0F);  // 8 + 0.5 (-6 - 8)
}

TEST_CASE("5.1 c is the share of the way, not what is left of it") {
  auto observer = fresh(0.125F);
  observer.observe(Batch{-8.0F, 8.0F});
  observer.observe(Batch{0.0F, 0.0F});
  CHECK(observer.lo == -7.0F);
  CHECK(observer.hi == 7.0F);
}

TEST_CASE("5.1 an outlier is forgotten") {
  auto observer = fresh(0.01F);
  observer.observe(Batch{-1.0F, 1000.0F});
  for (int batch = 0; batch < 1500; ++batch) observer.observe(Batch{-1.0F, 1.0F});
  CHECK(observer.lo == -1.0F);
  CHECK(observer.hi < 1.01F);  // 999 * 0.99^1500 = 0.0003 is left
}

TEST_CASE(
    "5.1 random batches: never cut off, never wider than min-max, every bit as in (eq. 5.2)") {
  qfs::Rng rng(51);
  for (float c : {0.01F, 0.7F}) {
    auto observer = fresh(c);
    qfs::MinMaxObserver all;
    for (int b = 0; b < 100; ++b) {
      Batch batch(50);
      for (float& x : batch) x = static_cast<float>(rng.normal());
      const float lo = observer.lo, hi = observer.hi;
      observer.observe(batch);
      all.observe(batch);
      const auto [min, max] = std::minmax_element(batch.begin(), batch.end());
      INFO("c = " << c << ", after batch " << b + 1);
      CHECK(observer.lo >= all.interval().min);
      CHECK(observer.hi <= all.interval().max);
      INFO("equal to six digits? Then the order of operations differs");
      CHECK(observer.lo == (b == 0 || *min < lo ? *min : lo + c * (*min - lo)));
      CHECK(observer.hi == (b == 0 || *max > hi ? *max : hi + c * (*max - hi)));
    }
  }
}

// Judges exercise 8.3.
#include "3_hot_pixel.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(117);

using exercise::trimmed_range;
using qfs::Interval;

namespace {

Interval range_of(const std::vector<float>& x, std::size_t cut) { return trimmed_range(x, cut); }

}  // namespace

TEST_CASE("8.3 the hot pixel is left out") {
  CHECK(range_of({0.5F, 1000.0F, -0.25F, 2.0F}, 1) == Interval{-0.25F, 2.0F});
  CHECK(range_of({0.5F, -1000.0F, -0.25F, 2.0F}, 1) == Interval{-0.25F, 2.0F});
  CHECK(range_of({0.5F, 1000.0F, -0.25F, 2.0F}, 2) == Interval{-0.25F, 0.5F});
}

TEST_CASE("8.3 nothing cut: the range, widened to 0") {
  CHECK(range_of({3.0F, 1.0F, 2.0F}, 0) == Interval{0.0F, 3.0F});
  CHECK(range_of({-3.0F, -1.0F}, 0) == Interval{-3.0F, 0.0F});
}

TEST_CASE("8.3 both ends may be cut") {
  CHECK(range_of({-50.0F, 60.0F, 1.0F, -2.0F}, 2) == Interval{-2.0F, 1.0F});
}

TEST_CASE("8.3 numbers equally far from 0 are cut one by one") {
  CHECK(range_of({4.0F, 4.0F, 1.0F}, 1) == Interval{0.0F, 4.0F});
  CHECK(range_of({4.0F, 4.0F, 1.0F}, 2) == Interval{0.0F, 1.0F});
}

TEST_CASE("8.3 a cut that leaves nothing") {
  CHECK(range_of({1.0F, 2.0F}, 2) == Interval{0.0F, 0.0F});
  CHECK(range_of({1.0F, 2.0F}, 99) == Interval{0.0F, 0.0F});
  CHECK(range_of({}, 0) == Interval{0.0F, 0.0F});
}

TEST_CASE("8.3 x is not changed, NaN and infinity are refused") {
  std::vector<float> x = {3.0F, 1.0F, 2.0F};
  trimmed_range(x, 1);
  CHECK(x == std::vector<float>{3.0F, 1.0F, 2.0F});
  CHECK_THROWS_AS(range_of({1.0F, std::numeric_limits<float>::quiet_NaN()}, 1), qfs::Error);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(range_of({1.0F, kInfinity}, 0), qfs::Error);
  INFO("even where the cut would leave them out");
  CHECK_THROWS_AS(range_of({1.0F, kInfinity}, 1), qfs::Error);
  CHECK_THROWS_AS(range_of({1.0F, -kInfinity}, 2), qfs::Error);
  CHECK_THROWS_AS(range_of({std::numeric_limits<float>::quiet_NaN(), 5.0F, 1.0F}, 99), qfs::Error);
}

TEST_CASE("8.3 what it is good for") {
  // 100 inputs between 0 and 1, and one of 1000. With the whole range a step is 3.9: they all
  // become 0. Without the hot pixel it is 1/255, and none is off by more than half of that.
  std::vector<float> x;
  for (int i = 0; i < 100; ++i) x.push_back(static_cast<float>(i) / 99.0F);
  x.push_back(1000.0F);
  const Interval range = trimmed_range(x, 1);
  const qfs::QuantParams p = qfs::choose_qparams(range.min, range.max, {0, 255});
  for (int i = 0; i < 100; ++i) {
    const float value = x[static_cast<std::size_t>(i)];
    const float back = qfs::dequantize_value(qfs::quantize_value(value, p, {0, 255}), p);
    CHECK(std::fabs(back - value) <= 0.51F / 255.0F);
  }
}

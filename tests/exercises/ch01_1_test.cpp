// Judges exercise 1.1.
#include "1_power_of_two.hpp"

#include <algorithm>
#include <cmath>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(3018);

TEST_CASE("1.1 on paper: [-1, 2] onto 0..15 gives 0.25 and 4") {
  const auto p = exercise::choose_shift(-1.0, 2.0, 0, 15);
  CHECK(p.exponent == -2);  // 3 / 15 = 0.2, and 0.125 is too small
  CHECK(p.zero_point == 4);
}

TEST_CASE("1.1 a width that fits exactly needs no larger scale") {
  CHECK(exercise::choose_shift(-1.0, 2.75, 0, 15).exponent == -2);  // 3.75 = 15 * 0.25
  CHECK(exercise::choose_shift(-1.0, 2.76, 0, 15).exponent == -1);
  CHECK(exercise::choose_shift(0.0, 255.0, 0, 255).exponent == 0);
  CHECK(exercise::choose_shift(0.0, 255.1, 0, 255).exponent == 1);
}

TEST_CASE("1.1 in double: one bit above 255 is too wide, and one bit above a half is no tie") {
  CHECK(exercise::choose_shift(0.0, std::nextafter(255.0, 256.0), 0, 255).exponent == 1);
  // The logarithm of 2^40 and a bit rounds to 40: compare widths, not logarithms.
  CHECK(exercise::choose_shift(0.0, std::nextafter(255 * 0x1p40, HUGE_VAL), 0, 255).exponent == 41);
  CHECK(exercise::choose_shift(std::nextafter(-0.5, -1.0), 254.0, 0, 255).zero_point == 1);
}

TEST_CASE("1.1 the interval is widened to contain 0") {
  const auto positive = exercise::choose_shift(1.0, 3.0, -128, 127);
  CHECK(positive.exponent == -6);  // 3 / 255 = 0.0118; 2^-6 = 0.0156
  CHECK(positive.zero_point == -128);
  const auto negative = exercise::choose_shift(-4.0, -1.0, 0, 255);
  CHECK(negative.exponent == -5);     // 4 / 255 = 0.0157 is just above 2^-6
  CHECK(negative.zero_point == 128);  // half of the integers are wasted: the price of shifting
}

TEST_CASE("1.1 an interval without width has the scale 1") {
  const auto p = exercise::choose_shift(0.0, 0.0, 3, 255);
  CHECK(p.exponent == 0);
  CHECK(p.zero_point == 3);
}

TEST_CASE("1.1 ties of the zero point go to even, before qmin is added") {
  CHECK(exercise::choose_shift(-0.5, 254.5, 0, 255).zero_point == 0);
  CHECK(exercise::choose_shift(-1.5, 253.5, 0, 255).zero_point == 2);
  CHECK(exercise::choose_shift(-0.5, 14.5, 1, 16).zero_point == 1);  // 1 + 0.5 would go to 2
}

TEST_CASE("1.1 random intervals, tiny to huge: the smallest power of two that covers them") {
  qfs::Rng rng(11);
  for (int i = 0; i < 1000; ++i) {
    const double size = std::ldexp(1.0, static_cast<int>(rng.below(81)) - 40);
    const double a = size * rng.uniform(-10.0, 10.0), b = size * rng.uniform(-10.0, 10.0);
    const double min = std::min(a, b), max = std::max(a, b);
    const double low = std::min(min, 0.0), width = std::max(max, 0.0) - low;
    const auto got = exercise::choose_shift(min, max, -128, 127);
    INFO("the interval [" << min << ", " << max << "], exponent " << got.exponent);
    CHECK(std::ldexp(255.0, got.exponent) >= width);
    CHECK(std::ldexp(255.0, got.exponent - 1) < width);
    CHECK(got.zero_point == -128 - std::nearbyint(std::ldexp(low, -got.exponent)));
  }
}

// Judges exercise 2.2.
#include "2_fixed_point.hpp"

#include <cmath>
#include <limits>

#include "02_integer_products/requantize.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(6031);

namespace {

void expect_fixed_point(double real, std::int32_t mantissa, int shift) {
  const exercise::FixedPoint got = exercise::to_fixed_point(real);
  INFO("the real " << real);
  CHECK(got.mantissa == mantissa);
  CHECK(got.shift == shift);
}

}  // namespace

TEST_CASE("2.2 reals as mantissa and shift") {
  expect_fixed_point(0.5, 1 << 30, 0);
  expect_fixed_point(0.25, 1 << 30, 1);
  expect_fixed_point(3.0, 3 << 29, -2);
  expect_fixed_point(1.0 / 6.0, 1431655765, 2);  // 2^31 * 2/3 = 1431655765.33
  expect_fixed_point(0x1p-32, 1 << 30, 31);
}

TEST_CASE("2.2 the mantissa is rounded, and may carry") {
  expect_fixed_point((0x1p30 + 0.5) * 0x1p-31, (1 << 30) + 1, 0);
  expect_fixed_point(std::nextafter(0.5, 0.0), 1 << 30, 0);
}

TEST_CASE("2.2 products by a half: ties to even on both sides of zero") {
  const exercise::FixedPoint half{1 << 30, 0};
  const std::int64_t expected[] = {-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2};
  for (std::int32_t acc = -5; acc <= 5; ++acc) {
    INFO(acc << " * 0.5");
    CHECK(exercise::multiply(acc, half) == expected[acc + 5]);
  }
}

TEST_CASE("2.2 the largest shift, and the most negative sum") {
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  CHECK(exercise::multiply(kLowest, {1 << 30, 31}) == 0);         // -2^61 / 2^62, a tie
  CHECK(exercise::multiply(kLowest, {(1 << 30) + 1, 31}) == -1);  // just beyond it
  CHECK(exercise::multiply(kLowest, {1 << 30, -30}) == -(std::int64_t{1} << 60));
}

TEST_CASE("2.2 the product of the text that double rounding gets wrong") {
  CHECK(exercise::multiply(7984, exercise::to_fixed_point(0.0014402704)) == 11);
  CHECK(exercise::multiply(39, exercise::to_fixed_point(static_cast<double>(1.0F / 6.0F))) == 7);
  CHECK(exercise::multiply(39, exercise::to_fixed_point(1.0 / 6.0)) == 6);
}

TEST_CASE("2.2 random multipliers give what the chapter gives") {
  qfs::Rng rng(22);
  for (int i = 0; i < 2000; ++i) {
    const double real = std::ldexp(rng.uniform(0.5, 1.0), static_cast<int>(rng.below(60)) - 31);
    const auto acc = static_cast<std::int32_t>(rng.bits());
    const exercise::FixedPoint got = exercise::to_fixed_point(real);
    const qfs::FixedPointMultiplier expected = qfs::to_fixed_point(real);
    INFO("the real " << real << ", the sum " << acc);
    CHECK(got.mantissa == expected.mantissa);
    CHECK(got.shift == expected.shift);
    const std::int64_t product = std::int64_t{acc} * expected.mantissa;
    CHECK(exercise::multiply(acc, got) == qfs::rounding_shift_right(product, 31 + expected.shift));
  }
}

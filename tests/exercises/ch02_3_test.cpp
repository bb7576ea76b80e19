// Judges exercise 2.3.
#include "3_per_channel.hpp"

#include <array>
#include <limits>
#include <vector>

#include "02_integer_products/requantize.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(6);

TEST_CASE("2.3 one multiplier per column, not per row") {
  const std::array<std::int32_t, 6> acc = {100, 100, 100, -100, -100, -100};
  const std::array<float, 3> m = {0.5F, 0.25F, 0.125F};
  std::array<std::uint8_t, 6> q{};
  exercise::requantize_per_channel(acc, m, 128, 0, 255, q);
  CHECK(q == std::array<std::uint8_t, 6>{178, 153, 140, 78, 103, 116});  // 12.5 -> 12 on both sides
}

TEST_CASE("2.3 round first, ties to even, then add the zero point") {
  const std::array<std::int32_t, 4> acc = {1, 3, 5, -1};
  const std::array<float, 1> m = {0.5F};
  std::array<std::uint8_t, 4> q{};
  exercise::requantize_per_channel(acc, m, 3, 0, 255, q);
  CHECK(q == std::array<std::uint8_t, 4>{3, 5, 5, 3});  // 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, -0.5 -> 0
}

TEST_CASE("2.3 sum and product are float32") {
  // 39 / 6 in float32 is the tie 6.5; the float nearest to 1/6 is a little larger, and in double
  // the product is 6.50000019. The sum 2^24 + 1 is 2^24 as a float, and half of 2^-24 of that a
  // tie.
  const std::array<std::int32_t, 2> acc = {39, 16777217};
  const std::array<float, 2> m = {1.0F / 6.0F, 0x5p-25F};
  std::array<std::uint8_t, 2> q{};
  exercise::requantize_per_channel(acc, m, 0, 0, 255, q);
  CHECK(q == std::array<std::uint8_t, 2>{6, 2});
}

TEST_CASE("2.3 clamps, also where the product passes 32 bits") {
  constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
  const std::array<std::int32_t, 4> acc = {kHighest, -kHighest, 12, -4};
  const std::array<float, 1> m = {4.0F};
  std::array<std::uint8_t, 4> q{};
  exercise::requantize_per_channel(acc, m, 10, 0, 255, q);
  CHECK(q == std::array<std::uint8_t, 4>{255, 0, 58, 0});
  exercise::requantize_per_channel(acc, m, 10, 10, 40, q);  // a range within the type's
  CHECK(q == std::array<std::uint8_t, 4>{40, 10, 40, 10});
}

TEST_CASE("2.3 random sums give what the chapter gives") {
  qfs::Rng rng(23);
  auto acc = qfs::make_tensor<std::int32_t>({9, 5});
  qfs::Vector<float> m = qfs::make_tensor<float>({5});
  for (float& value : qfs::values(m)) value = static_cast<float>(rng.uniform(0.001, 0.1));
  for (std::int32_t& sum : qfs::values(acc))
    sum = static_cast<std::int32_t>(rng.below(40001)) - 20000;
  auto q = qfs::make_tensor<std::uint8_t>({9, 5});
  exercise::requantize_per_channel(qfs::values(std::as_const(acc)), qfs::values(std::as_const(m)),
                                   99, 0, 255, qfs::values(q));
  const auto expected = qfs::requantize_matrix<std::uint8_t>(
      acc, qfs::values(std::as_const(m)), 99, qfs::unsigned_range(8), &qfs::requantize_float);
  CHECK(qfs::test::difference(q, expected) == "");
}

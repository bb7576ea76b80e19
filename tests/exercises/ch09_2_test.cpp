// Judges exercise 9.2.
#include "2_learned_offset.hpp"

#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(16);

using qfs::test::difference;
using Floats = std::vector<float>;

TEST_CASE("9.2 six numbers by hand") {
  // s = 0.5, beta = 1, integers 0..3: the grid 1, 1.5, 2, 2.5.
  const Floats x = {1.125F, 1.75F, 2.5F, 0.25F, 4.0F, 2.25F}, dy = {1, 2, 4, 8, 16, 32};
  Floats dx(6, -999.0F);
  const auto got = exercise::learned_offset_backward(x, dy, 0.5F, 1.0F, {0, 3}, dx);
  // t = 0.25, 1.5, 3, -1.5, 6, 2.5: r = 0, 2 (a tie), 3, 0 (-2 clamped), 3 (6 clamped), 2 (a tie)
  CHECK(difference<float>(dx, Floats{1, 2, 4, 0, 0, 32}) == "");
  // 1 (0 - 0.25) + 2 (2 - 1.5) + 4 (0) + 8 (0) + 16 (3) + 32 (2 - 2.5)
  CHECK(got.scale == 32.75);
  CHECK(got.offset == 24.0);  // 8 + 16: what was clamped moves with the grid
}

TEST_CASE("9.2 dx may be dy") {
  const Floats x = {1.125F, 1.75F, 2.5F, 0.25F, 4.0F, 2.25F};
  Floats dy = {1, 2, 4, 8, 16, 32};
  const auto got = exercise::learned_offset_backward(x, dy, 0.5F, 1.0F, {0, 3}, dy);
  CHECK(difference<float>(dy, Floats{1, 2, 4, 0, 0, 32}) == "");
  CHECK(got.scale == 32.75);
  CHECK(got.offset == 24.0);
}

TEST_CASE("9.2 the sums are not rounded away") {
  // In float32 2^24 + 1 + 1 stops at 2^24.
  const Floats x = {9.0F, 9.0F, 9.0F}, dy = {16777216.0F, 1.0F, 1.0F};
  Floats dx(3, -999.0F);
  const auto got = exercise::learned_offset_backward(x, dy, 1.0F, 0.0F, {0, 1}, dx);
  CHECK(got.scale == 16777218.0);
  CHECK(got.offset == 16777218.0);
}

TEST_CASE("9.2 without an offset it is LSQ") {
  qfs::Rng rng(92);
  Floats x(200), dy(200), dx(200), expected(200);
  for (float& value : x) value = static_cast<float>(rng.normal());
  for (float& value : dy) value = static_cast<float>(rng.below(17)) - 8.0F;
  const qfs::QuantRange range = qfs::signed_range(3);
  const auto got = exercise::learned_offset_backward(x, dy, 0.25F, 0.0F, range, dx);
  const float ds = qfs::lsq_backward_run(x, dy, qfs::make_steps({0.25F, 0}, range), expected);
  CHECK(difference<float>(dx, expected) == "");
  // 200 terms of at most 8 * 4 steps, in float32 on one side
  CHECK(std::fabs(got.scale - static_cast<double>(ds)) <= 200 * 0x1p-24 * 200 * 64);
}

TEST_CASE("9.2 a shift of all numbers and of the grid changes nothing") {
  const Floats x = {-2.0F, -0.375F, 0.125F, 0.5F, 3.0F}, dy = {1, 2, 4, 8, 16};
  Floats moved(5), a(5), b(5);
  for (std::size_t i = 0; i < 5; ++i) moved[i] = x[i] - 64.0F;
  const auto here = exercise::learned_offset_backward(x, dy, 0.25F, -0.25F, {0, 7}, a);
  const auto there = exercise::learned_offset_backward(moved, dy, 0.25F, -64.25F, {0, 7}, b);
  CHECK(difference<float>(a, b) == "");
  CHECK(here.scale == there.scale);
  CHECK(here.offset == there.offset);
}

TEST_CASE("9.2 integers that do not start at 0") {
  // s = 1, beta = 10, integers -2..1: the grid 8, 9, 10, 11.
  const Floats x = {7.75F, 7.25F, 11.25F, 12.0F}, dy = {1, 1, 1, 1};
  Floats dx(4);
  const auto got = exercise::learned_offset_backward(x, dy, 1.0F, 10.0F, {-2, 1}, dx);
  CHECK(difference<float>(dx, Floats{1, 0, 1, 0}) == "");
  CHECK(got.scale == 0.25 - 2.0 - 0.25 + 1.0);
  CHECK(got.offset == 2.0);
}

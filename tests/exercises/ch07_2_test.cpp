// Judges exercise 7.2.
#include "2_relu6.hpp"

#include <limits>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(6017);

using exercise::fused_range;
using qfs::QuantRange;

namespace {
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr QuantRange kU8 = {0, 255}, kS8 = {-128, 127};
}  // namespace

TEST_CASE("7.2 ReLU6: from the integer of 0 to the integer of 6") {
  CHECK(fused_range({0.125F, 50}, kU8, 0.0F, 6.0F) == QuantRange{50, 98});  // 6 / 0.125 = 48
}

TEST_CASE("7.2 ReLU is the cut to [0, infinity)") {
  CHECK(fused_range({0.125F, 50}, kU8, 0.0F, kInfinity) == QuantRange{50, 255});
  CHECK(fused_range({0.125F, -20}, kS8, 0.0F, kInfinity) == QuantRange{-20, 127});
}

TEST_CASE("7.2 no cut at all is the range as it was") {
  CHECK(fused_range({0.125F, 50}, {0, 127}, -kInfinity, kInfinity) == QuantRange{0, 127});
}

TEST_CASE("7.2 a hard tanh, signed") {
  CHECK(fused_range({0.0625F, 3}, kS8, -1.0F, 1.0F) == QuantRange{-13, 19});  // 3 -+ 16
}

TEST_CASE("7.2 6 may lie above all that the integers can say") {
  CHECK(fused_range({0.0078125F, 0}, kU8, 0.0F, 6.0F) == QuantRange{0, 255});  // 255 is 1.99
}

TEST_CASE("7.2 a cut that lies beside the range leaves one integer of it") {
  CHECK(fused_range({0.0078125F, 0}, kU8, 10.0F, 20.0F) == QuantRange{255, 255});
  CHECK(fused_range({0.0078125F, 200}, kU8, -9.0F, -3.0F) == QuantRange{0, 0});
  CHECK(fused_range({1.0F, 0}, kS8, kInfinity, kInfinity) == QuantRange{127, 127});
  CHECK(fused_range({1.0F, 0}, kS8, -kInfinity, -kInfinity) == QuantRange{-128, -128});
}

TEST_CASE("7.2 a range within the type's stays one") {
  CHECK(fused_range({1.0F, 20}, {10, 40}, -100.0F, 100.0F) == QuantRange{10, 40});
  CHECK(fused_range({1.0F, 20}, {10, 40}, -5.0F, 100.0F) == QuantRange{15, 40});
}

TEST_CASE(
    "7.2 ends between two integers are rounded, ties to even before the zero point is added") {
  CHECK(fused_range({1.0F, 3}, kU8, -0.75F, 0.75F) == QuantRange{2, 4});
  CHECK(fused_range({1.0F, 3}, kU8, 0.5F, 2.5F) == QuantRange{3, 5});
  CHECK(fused_range({1.0F, 3}, kU8, -1.5F, 1.5F) == QuantRange{1, 5});
}

TEST_CASE("7.2 the real is multiplied by 1 / scale, as in chapter 01") {
  CHECK(fused_range({0.3F, 0}, kU8, 0.0F, 2.25F) == QuantRange{0, 8});  // 2.25F / 0.3F gives 7
}

TEST_CASE("7.2 a clamp of the integers is a clamp of the reals") {
  const qfs::QuantParams p = {0.3F, 77};
  const QuantRange range = fused_range(p, kU8, -2.0F, 6.0F);
  for (int i = -3000; i <= 3000; ++i) {
    const float x = 0.01F * static_cast<float>(i);
    const int by_real = qfs::quantize_value(std::clamp(x, -2.0F, 6.0F), p, kU8);
    REQUIRE(std::clamp(qfs::quantize_value(x, p, kU8), range.qmin, range.qmax) == by_real);
  }
}

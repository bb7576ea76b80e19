// Judges exercise 8.1.
#include "1_dynamic_quantize_linear.hpp"

#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(45);

namespace {

void check(const std::vector<float>& x, float scale, int zero_point,
           const std::vector<std::uint8_t>& y) {
  const exercise::DynamicallyQuantized got = exercise::dynamic_quantize_linear(x);
  CHECK(got.y_scale == scale);
  CHECK(+got.y_zero_point == zero_point);
  CHECK(std::vector<int>(got.y.begin(), got.y.end()) == std::vector<int>(y.begin(), y.end()));
}

}  // namespace

TEST_CASE("8.1 the operator's own examples") {
  check({0, 2, -3, -2.5F, 1.34F, 0.5F}, 0.0196078438F, 153, {153, 255, 0, 26, 221, 179});
  check({-1, -2.1F, -1.3F, -2.5F, -3.34F, -4}, 0.0156862754F, 255, {191, 121, 172, 96, 42, 0});
  check({1, 2.1F, 1.3F, 2.5F, 3.34F, 4, 1.5F, 2.6F, 3.9F, 4, 3, 2.345F}, 0.0156862754F, 0,
        {64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149});
}

TEST_CASE("8.1 zeros") { check({0, 0, 0}, 1.0F, 0, {0, 0, 0}); }

TEST_CASE("8.1 one number") {
  check({51}, 0.2F, 0, {255});
  check({-51}, 0.2F, 255, {0});
}

TEST_CASE("8.1 halves go to the even integer, the zero point's too") {
  check({0.5F, 1.5F, 2.5F, 255}, 1.0F, 0, {0, 2, 2, 255});
  check({-1.5F, 253.5F}, 1.0F, 2, {0, 255});  // -1.5 becomes -2; 253.5 + 2 is clamped
  check({-2.5F, 252.5F}, 1.0F, 2, {0, 254});
}

TEST_CASE("8.1 it divides; the reciprocal would give 8") {
  check({2.25F, 76.5F}, 0.3F, 0, {7, 255});
}

TEST_CASE("8.1 every step is float32") {
  // The width 3.18 over 255: in double, and by 1/255, the last bit of the scale is another.
  check({-1.55F, 1.63F}, 0.012470587F, 124, {0, 255});
  // 1.5 steps in float32, which go to 2; a little less in double, and by the reciprocal.
  check({-0.053254437F, 9}, 0.03550296F, 2, {0, 255});
  // 6.5 steps in float32, which go to 6; a little more in double, and by the reciprocal.
  check({0.07647059F, 3}, 0.011764706F, 0, {6, 255});
}

TEST_CASE("8.1 -0 is a zero, and what is tiny is none") {
  check({-0.0F, 0.0F}, 1.0F, 0, {0, 0});
  check({1e-30F}, 1e-30F / 255.0F, 0, {255});
}

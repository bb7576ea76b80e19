// Judges exercise 1.2.
#include "2_quantize.hpp"

#include <array>
#include <limits>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"

namespace {

std::vector<std::int32_t> quantized(const std::vector<float>& x, float scale,
                                    std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax) {
  std::vector<std::int32_t> q(x.size(), -999);
  exercise::quantize(x, scale, zero_point, qmin, qmax, q);
  return q;
}

using Integers = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("1.2 the six reals of the text") {
  CHECK(quantized({-1.0F, -0.33F, 0.0F, 0.5F, 1.1F, 2.0F}, 0.2F, 5, 0, 15) ==
        Integers{0, 3, 5, 7, 11, 15});
}

TEST_CASE("1.2 ties go to even, and the zero point is added afterwards") {
  // 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, -0.5 -> 0, -1.5 -> -2; then + 3.
  CHECK(quantized({0.5F, 1.5F, 2.5F, -0.5F, -1.5F}, 1.0F, 3, 0, 255) == Integers{3, 5, 5, 3, 1});
}

TEST_CASE("1.2 multiply by the reciprocal: 127.5, not 127.499992") {
  CHECK(quantized({0.273939937F}, 0.00214854861F, 0, 0, 255) == Integers{128});
}

TEST_CASE("1.2 what lies outside is clamped, infinity too") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(quantized({1e9F, -1e9F, 1e30F, -1e30F, infinity, -infinity}, 0.5F, 10, -128, 127) ==
        Integers{127, -128, 127, -128, 127, -128});
}

TEST_CASE("1.2 an empty tensor stays empty") { CHECK(quantized({}, 1.0F, 0, 0, 255).empty()); }

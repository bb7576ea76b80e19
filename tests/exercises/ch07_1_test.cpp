// Judges exercise 7.1.
#include "1_linear_relu.hpp"

#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(12);

namespace {

std::vector<std::int32_t> run(const std::vector<std::int32_t>& acc, float m, std::int32_t z,
                              qfs::QuantRange range) {
  std::vector<std::int32_t> q(acc.size(), -999);
  exercise::linear_relu(acc, m, z, range, q);
  return q;
}

using Integers = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("7.1 the example of the text, both ways") {
  const Integers acc = {-6, 38, 36, -32};
  CHECK(run(acc, 0.125F, 8, {0, 15}) == Integers{8, 13, 12, 8});
  CHECK(run(acc, 0.25F, 0, {0, 15}) == Integers{0, 10, 9, 0});
}

TEST_CASE("7.1 what is negative becomes the zero point, not 0") {
  CHECK(run({-1000000, -3, -2, -1, 0, 1, 2, 3}, 0.5F, 164, {0, 255}) ==
        Integers{164, 164, 164, 164, 164, 164, 165, 166});
}

TEST_CASE("7.1 signed integers: their 0 is no floor") {
  // Zero point -128: the real 0 is the lowest integer.
  CHECK(run({-8, 0, 40, 508, 2000}, 0.25F, -128, {-128, 127}) ==
        Integers{-128, -128, -118, -1, 127});
  CHECK(run({-40, 0, 40}, 0.25F, -5, {-128, 127}) == Integers{-5, -5, 5});
}

TEST_CASE("7.1 the upper end stays") {
  CHECK(run({1000, 2147483647}, 1.0F, 20, {0, 127}) == Integers{127, 127});
}

TEST_CASE("7.1 halves to even before the zero point is added") {
  // 0.5, 1.5, 2.5 become 0, 2, 2; an odd zero point added first would make 1, 1, 3.
  CHECK(run({1, 3, 5}, 0.5F, 1, {0, 255}) == Integers{1, 3, 3});
}

TEST_CASE("7.1 sum and product are float32, as in chapter 02") {
  // 39 / 6 in float32 is the tie 6.5; in double, with the float nearest to 1/6, it is 6.50000019.
  CHECK(run({39}, 1.0F / 6.0F, 10, {0, 255}) == Integers{16});
  // 2^24 + 1 is 2^24 as a float, and 2.5 a tie to 2.
  CHECK(run({16777217}, 0x5p-25F, 10, {0, 255}) == Integers{12});
}

TEST_CASE("7.1 a range that ends inside the type's, and a product that passes every integer") {
  CHECK(run({-100, 0, 7, 100}, 1.0F, 20, {10, 25}) == Integers{20, 20, 25, 25});
  CHECK(run({2147483647, -2147483647}, 4.0F, -7, {-100, 100}) == Integers{100, -7});
}

TEST_CASE("7.1 no sums") { CHECK(run({}, 1.0F, 0, {0, 255}).empty()); }

// Judges exercise 21.2.
#include "2_concat.hpp"

#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(14);

namespace {

using Integers = std::vector<std::uint8_t>;

Integers joined(const Integers& a, std::size_t a_channels, qfs::QuantParams a_params,
                const Integers& b, std::size_t b_channels, qfs::QuantParams b_params,
                qfs::QuantParams output, qfs::QuantRange range = {0, 255}) {
  Integers y(a.size() + b.size(), 77);
  exercise::concat({a, a_channels, a_params}, {b, b_channels, b_params}, output, range, y);
  return y;
}

}  // namespace

TEST_CASE("21.2 equal parameters: the numbers move, pixel by pixel") {
  const qfs::QuantParams p{0.5F, 3};
  CHECK(joined({1, 2, 3, 4}, 2, p, {5, 6}, 1, p, p) == Integers{1, 2, 5, 3, 4, 6});
  CHECK(joined({1, 2}, 1, p, {3, 4, 5, 6}, 2, p, p) == Integers{1, 3, 4, 2, 5, 6});
  CHECK(joined({}, 2, p, {}, 1, p, p).empty());
}

TEST_CASE("21.2 two scales, by hand") {
  // a: 0.5 (q - 1), b: 0.25 (q - 4); y: 1 q + 3.
  CHECK(joined({9, 1}, 1, {0.5F, 1}, {8, 0}, 1, {0.25F, 4}, {1.0F, 3}) == Integers{7, 4, 3, 2});
}

TEST_CASE("21.2 each input by its own zero point and its own scale") {
  CHECK(joined({10}, 1, {1.0F, 10}, {20}, 1, {1.0F, 20}, {1.0F, 50}) == Integers{50, 50});
  CHECK(joined({12}, 1, {2.0F, 10}, {22}, 1, {4.0F, 20}, {1.0F, 50}) == Integers{54, 58});
}

TEST_CASE("21.2 halves to even before the zero point is added") {
  CHECK(joined({1, 3, 5}, 1, {0.5F, 0}, {7, 9, 11}, 1, {0.5F, 0}, {1.0F, 1}) ==
        Integers{1, 5, 3, 5, 3, 7});
}

TEST_CASE("21.2 below zero, too: away from nothing, to even") {
  CHECK(joined({0, 2, 4}, 3, {0.5F, 5}, {5, 1, 3}, 3, {0.5F, 5}, {1.0F, 10}) ==
        Integers{8, 8, 10, 10, 8, 9});
}

TEST_CASE("21.2 clamped to the range, at both ends") {
  CHECK(joined({0, 255}, 2, {1.0F, 100}, {0, 255}, 2, {10.0F, 100}, {1.0F, 100}) ==
        Integers{0, 255, 0, 255});
  CHECK(joined({0, 255}, 2, {1.0F, 100}, {90, 110}, 2, {1.0F, 100}, {1.0F, 100}, {50, 127}) ==
        Integers{50, 127, 90, 110});
  CHECK(joined({255}, 1, {1e9F, 0}, {0}, 1, {1e9F, 255}, {1.0F, 7}) == Integers{255, 0});
}

TEST_CASE("21.2 ratio and product are float32, as in chapter 02") {
  // 39 / 6 in float32 is the tie 6.5; in double, with the float nearest to 1/6, it is 6.50000019.
  CHECK(joined({39}, 1, {1.0F, 0}, {1}, 1, {3.0F, 0}, {6.0F, 0}) == Integers{6, 0});
  // s / s_y = 0.7 / 2.1 = 0.33333331: 9 of them are a hair below 3 and round to it.
  CHECK(joined({9}, 1, {0.7F, 0}, {3}, 1, {0.7F, 0}, {2.1F, 0}) == Integers{3, 1});
}

TEST_CASE("21.2 many channels") {
  Integers a, b, expected;
  for (int pixel = 0; pixel < 4; ++pixel) {
    for (int c = 0; c < 5; ++c) {
      a.push_back(static_cast<std::uint8_t>(10 * pixel + c));
      expected.push_back(static_cast<std::uint8_t>(10 * pixel + c));
    }
    for (int c = 0; c < 3; ++c) {
      b.push_back(static_cast<std::uint8_t>(100 + 10 * pixel + c));
      expected.push_back(static_cast<std::uint8_t>(2 * (100 + 10 * pixel + c - 100)));
    }
  }
  CHECK(joined(a, 5, {1.0F, 0}, b, 3, {2.0F, 100}, {1.0F, 0}) == expected);
}

// Judges exercise 2.1.
#include "1_fold_zero_points.hpp"

#include <array>
#include <vector>

#include "02_integer_products/dot.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"

TEST_CASE("2.1 on paper: the layer of the text") {
  const std::array<std::int8_t, 12> w = {-3, -8, 3, -5, 7, -7, -2, -8, -6, 0, -5, 1};
  std::array<std::int32_t, 3> bias = {5, -16, 9};
  exercise::fold_zero_points(w, 3, -7, bias);
  // 5 - 3 * -13 + 4 * 3 * -7 = 5 + 39 - 84, and so on.
  CHECK(bias == std::array<std::int32_t, 3>{-40, -70, -45});
}

TEST_CASE("2.1 symmetric weights: only the sum of the weights is left") {
  const std::array<std::int8_t, 3> w = {-128, 127, 4};
  std::array<std::int32_t, 1> bias = {0};
  exercise::fold_zero_points(w, 255, 0, bias);
  CHECK(bias[0] == -765);  // -255 * 3
}

TEST_CASE("2.1 the sum of the weights passes 8 bits") {
  const std::vector<std::int8_t> w(1000, -128);
  std::array<std::int32_t, 2> bias = {1, 2};
  exercise::fold_zero_points(w, 200, 5, bias);
  CHECK(bias ==
        std::array<std::int32_t, 2>{13300001, 13300002});  // -200 * 500 * -128 + 500 * 200 * 5
}

TEST_CASE("2.1 K = 0 leaves the bias, N = 0 has none") {
  std::array<std::int32_t, 2> bias = {3, -4};
  exercise::fold_zero_points({}, 200, 5, bias);
  CHECK(bias == std::array<std::int32_t, 2>{3, -4});
  exercise::fold_zero_points({}, 200, 5, {});
}

TEST_CASE("2.1 random layers give what the chapter gives") {
  qfs::Rng rng(21);
  for (std::size_t depth : {1U, 5U, 33U}) {
    auto w = qfs::make_tensor<std::int8_t>({7, depth});
    for (std::int8_t& q : qfs::values(w)) q = static_cast<std::int8_t>(rng.below(256));
    const qfs::Vector<std::int32_t> bias = {-5, 0, 9, 100, -2000, 7, 1}, z_w = {-11};
    qfs::Vector<std::int32_t> got = bias;
    exercise::fold_zero_points(qfs::values(std::as_const(w)), 77, z_w(0), qfs::values(got));
    const auto expected =
        qfs::fold_zero_points(w, qfs::values(bias), 77, qfs::unsigned_range(8), qfs::values(z_w));
    CHECK(qfs::test::difference(got, expected) == "");
  }
}

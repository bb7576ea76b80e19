// Judges exercise 2.1.
#include "1_signed_inputs.hpp"

#include <array>
#include <vector>

#include "02_integer_products/dot.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(7);

TEST_CASE("2.1 on paper: two outputs of two weights") {
  const std::array<std::int8_t, 4> w = {3, -5, 7, 1};
  std::array<std::int32_t, 2> bias = {10, -20};
  exercise::compensate(w, -28, bias);
  CHECK(bias == std::array<std::int32_t, 2>{210, -820});  // 10 - 100 * -2, -20 - 100 * 8
}

TEST_CASE("2.1 inputs whose zero point is -128 need nothing") {
  const std::array<std::int8_t, 3> w = {-128, 127, 4};
  std::array<std::int32_t, 1> bias = {7};
  exercise::compensate(w, -128, bias);
  CHECK(bias[0] == 7);  // q_x + 128 is the distance from the zero point already
}

TEST_CASE("2.1 the sum of the weights passes 8 bits") {
  const std::vector<std::int8_t> w(1000, -128);
  std::array<std::int32_t, 2> bias = {1, 2};
  exercise::compensate(w, 127, bias);
  CHECK(bias == std::array<std::int32_t, 2>{16320001, 16320002});  // 255 * 128 * 500
}

TEST_CASE("2.1 K = 0 leaves the bias, N = 0 has none") {
  std::array<std::int32_t, 2> bias = {3, -4};
  exercise::compensate({}, 20, bias);
  CHECK(bias == std::array<std::int32_t, 2>{3, -4});
  exercise::compensate({}, 20, {});
}

TEST_CASE("2.1 random layers: the unsigned kernel gives the signed product") {
  qfs::Rng rng(21);
  for (std::size_t depth : {1U, 5U, 33U}) {
    auto w = qfs::make_tensor<std::int8_t>({7, depth});
    auto x = qfs::make_tensor<std::int8_t>({3, depth});
    auto shifted = qfs::make_tensor<std::uint8_t>({3, depth});
    for (std::int8_t& q : qfs::values(w)) q = static_cast<std::int8_t>(rng.below(256));
    for (std::size_t i = 0; i < x.size(); ++i) {
      shifted.data()[i] = static_cast<std::uint8_t>(rng.below(256));
      x.data()[i] = static_cast<std::int8_t>(shifted.data()[i] - 128);
    }
    qfs::Vector<std::int32_t> bias = {-5, 0, 9, 100, -2000, 7, 1};
    auto wanted = qfs::product_by_definition(x, -11, w, 0);
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted.data()[i] += bias(i % 7);
    exercise::compensate(qfs::values(std::as_const(w)), -11, qfs::values(bias));
    auto got = qfs::make_tensor<std::int32_t>({3, 7});
    qfs::gemm_u8s8s32_ref({3, 7, depth}, qfs::values(std::as_const(shifted)),
                          qfs::values(std::as_const(w)), qfs::values(got));
    for (std::size_t i = 0; i < got.size(); ++i) got.data()[i] += bias(i % 7);
    CHECK(qfs::test::difference(got, wanted) == "");
  }
}

// Judges exercise 24.1.
#include "1_signed_weights.hpp"

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(523);

using exercise::signed_weights;

namespace {
using U8 = std::vector<std::uint8_t>;
using S8 = std::vector<std::int8_t>;
}  // namespace

TEST_CASE("24.1 zero point 128: the whole of uint8 is the whole of int8") {
  CHECK(signed_weights(U8{0, 1, 127, 128, 129, 255}, U8{128}, 3) == S8{-128, -127, -1, 0, 1, 127});
}

TEST_CASE("24.1 the weights of the text") {
  CHECK(signed_weights(U8{132, 126, 121, 131}, U8{128}, 2) == S8{4, -2, -7, 3});
}

TEST_CASE("24.1 another zero point, where no weight is far from it") {
  CHECK(signed_weights(U8{10, 137, 0, 3}, U8{10}, 2) == S8{0, 127, -10, -7});
  CHECK(signed_weights(U8{0, 127}, U8{0}, 2) == S8{0, 127});
  CHECK(signed_weights(U8{127, 255}, U8{255}, 2) == S8{-128, 0});
}

TEST_CASE("24.1 a zero point for each row") {
  CHECK(signed_weights(U8{0, 255, 7, 7, 7, 7}, U8{128, 7, 0}, 2) == S8{-128, 127, 0, 0, 7, 7});
  CHECK(signed_weights(U8{200, 201, 202, 0, 1, 2}, U8{201, 1}, 3) == S8{-1, 0, 1, -1, 0, 1});
}

TEST_CASE("24.1 what int8 does not hold is not cut off") {
  CHECK(signed_weights(U8{128, 0}, U8{0}, 2) == std::nullopt);
  CHECK(signed_weights(U8{0, 129}, U8{129}, 2) == std::nullopt);
  CHECK(signed_weights(U8{128, 128, 0, 128}, U8{128, 0}, 2) == std::nullopt);
}

TEST_CASE("24.1 no weights are no trouble") { CHECK(signed_weights(U8{}, U8{128}, 4) == S8{}); }

TEST_CASE("24.1 every difference is kept, or refused") {
  for (int q = 0; q < 256; q += 255)
    for (int z = 0; z < 256; ++z) {
      const U8 one = {static_cast<std::uint8_t>(q)}, zero = {static_cast<std::uint8_t>(z)};
      const int difference = q - z;
      const bool fits = -128 <= difference && difference <= 127;
      const auto got = signed_weights(one, zero, 1);
      REQUIRE(got.has_value() == fits);
      if (fits && got.has_value() && (*got)[0] != difference) REQUIRE((*got)[0] == difference);
    }
}

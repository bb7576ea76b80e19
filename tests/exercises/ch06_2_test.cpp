// Judges exercise 6.2.
#include "2_input_table.hpp"

#include "01_affine_math/affine.hpp"
#include "common/dataset.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(510);

using qfs::test::difference;

TEST_CASE("6.2 the input of the lesson's net") {
  const auto table = exercise::input_table(0.0127282338F, 33, 255);
  CHECK(+table[0] == 0);      // paper: (0 - 0.1307) / 0.3081 = -0.4242, -33.33 steps
  CHECK(+table[33] == 33);    // 33 / 255 = 0.1294 is nearly the mean: -0.33 steps
  CHECK(+table[255] == 255);  // (1 - 0.1307) / 0.3081 = 2.8215, 221.67 steps, + 33
}

TEST_CASE("6.2 a range that is too narrow is clamped, not wrapped") {
  const auto eight = exercise::input_table(0.005F, 20, 255);
  CHECK(+eight[0] == 0);      // -84.84 steps + 20
  CHECK(+eight[255] == 255);  // 564.3 steps + 20
  const auto seven = exercise::input_table(0.02F, 21, 127);
  CHECK(+seven[255] == 127);  // 141.08 steps + 21
}

TEST_CASE("6.2 ties go to even before the zero point is added") {
  CHECK(+exercise::input_table(0.01588F, 1, 255)[140] == 87);  // 85.5 steps exactly, 86, + 1
  CHECK(+exercise::input_table(0.04764F, 1, 255)[140] == 29);  // 28.5 steps exactly, 28, + 1
}

TEST_CASE("6.2 in float32, in the order of the words") {
  // Pixel 99 is within a rounding of 61.5 steps: x / scale, double, one product with 1/255 or with
  // 1/0.3081, one factor for both divisions, each give 61. And pixel 40 is within one of 20.5
  // steps, where (p - 33.3285) / 78.5655 gives 20.
  CHECK(+exercise::input_table(0.0133741135F, 0, 255)[99] == 62);
  CHECK(+exercise::input_table(0.004142263F, 0, 255)[40] == 21);
}

TEST_CASE("6.2 every pixel as the chapter quantizes it") {
  auto pixels = qfs::make_tensor<std::uint8_t>({1, 256});
  for (std::size_t p = 0; p < 256; ++p) pixels(0, p) = static_cast<std::uint8_t>(p);
  const auto x = qfs::normalized(pixels, 0, 1);
  qfs::Rng rng(62);
  for (int trial = 0; trial < 500; ++trial) {
    const float scale = static_cast<float>(rng.uniform(0.004, 0.06));
    const std::int32_t qmax = trial % 2 == 0 ? 255 : 127;
    const auto zero_point =
        static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(qmax) + 1));
    const auto table = exercise::input_table(scale, zero_point, qmax);
    std::array<std::uint8_t, 256> expected{};
    for (std::size_t p = 0; p < 256; ++p)
      expected[p] =
          static_cast<std::uint8_t>(qfs::quantize_value(x(0, p), {scale, zero_point}, {0, qmax}));
    INFO("scale " << scale << ", zero point " << zero_point << ", qmax " << qmax);
    CHECK(difference<std::uint8_t>(table, expected) == "");
  }
}

// Judges exercise 6.2.
#include "2_input_table.hpp"

#include "01_affine_math/affine.hpp"
#include "common/dataset.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

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

TEST_CASE("6.2 every pixel as the chapter quantizes it") {
  auto pixels = qfs::make_tensor<std::uint8_t>({1, 256});
  for (std::size_t p = 0; p < 256; ++p) pixels(0, p) = static_cast<std::uint8_t>(p);
  const auto x = qfs::normalized(pixels, 0, 1);
  qfs::Rng rng(62);
  for (int trial = 0; trial < 3000; ++trial) {
    const float scale = static_cast<float>(rng.uniform(0.004, 0.06));
    const std::int32_t qmax = trial % 2 == 0 ? 255 : 127;
    const auto zero_point =
        static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(qmax) + 1));
    const auto table = exercise::input_table(scale, zero_point, qmax);
    for (std::size_t p = 0; p < 256; ++p) {
      INFO("pixel " << p << ", scale " << scale << ", zero point " << zero_point << ", qmax "
                    << qmax);
      REQUIRE(+table[p] == qfs::quantize_value(x(0, p), {scale, zero_point}, {0, qmax}));
    }
  }
}

// Judges exercise 1.1.
#include "01_affine_math/affine.hpp"
#include "1_choose_qparams.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

TEST_CASE("1.1 on paper: [-1, 2] onto 0..15 gives 0.2 and 5") {
  const auto p = exercise::choose_qparams(-1.0F, 2.0F, 0, 15);
  CHECK(p.scale == 0.2F);  // 3 / 15
  CHECK(p.zero_point == 5);
}

TEST_CASE("1.1 the interval is widened to contain 0") {
  const auto positive = exercise::choose_qparams(1.0F, 3.0F, -128, 127);
  CHECK(positive.scale == 3.0F / 255.0F);
  CHECK(positive.zero_point == -128);
  const auto negative = exercise::choose_qparams(-4.0F, -1.0F, 0, 255);
  CHECK(negative.scale == 4.0F / 255.0F);
  CHECK(negative.zero_point == 255);
}

TEST_CASE("1.1 a constant 0 has the smallest scale") {
  const auto p = exercise::choose_qparams(0.0F, 0.0F, 0, 255);
  CHECK(p.scale == exercise::kSmallestScale);
  CHECK(p.zero_point == 0);
}

TEST_CASE("1.1 ties of the zero point go to even") {
  // [-0.5, 254.5] over 255 steps: s = 1, -(-0.5) = 0.5, and nearbyint(0.5) is 0.
  CHECK(exercise::choose_qparams(-0.5F, 254.5F, 0, 255).zero_point == 0);
  CHECK(exercise::choose_qparams(-1.5F, 253.5F, 0, 255).zero_point == 2);
}

TEST_CASE("1.1 random intervals give what the chapter gives") {
  qfs::Rng rng(11);
  for (int i = 0; i < 1000; ++i) {
    const auto a = static_cast<float>(rng.uniform(-10.0, 10.0));
    const auto b = static_cast<float>(rng.uniform(-10.0, 10.0));
    const float min = std::min(a, b), max = std::max(a, b);
    const auto expected = qfs::choose_qparams(min, max, qfs::signed_range(8));
    const auto got = exercise::choose_qparams(min, max, -128, 127);
    INFO("the interval [" << min << ", " << max << "]");
    CHECK(got.scale == expected.scale);
    CHECK(got.zero_point == expected.zero_point);
  }
}

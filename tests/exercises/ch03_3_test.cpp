// Judges exercise 3.3.
#include "3_per_group.hpp"

#include "03_fake_quantization/noise.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(13);

using qfs::test::difference;

TEST_CASE("3.3 each group has its own scale") {
  // qmax 3, groups of 2: s = 1 for {3, 1}, s = 4 for {12, 5}. 5 / 4 = 1.25 rounds to 1.
  const std::vector<float> w = {3.0F, 1.0F, 12.0F, 5.0F};
  std::vector<float> y(4);
  exercise::fake_quantize_groups(w, 4, 2, 3, y);
  CHECK(difference<float>(y, std::vector<float>{3, 1, 12, 4}) == "");
}

TEST_CASE("3.3 the largest magnitude may be negative") {
  const std::vector<float> w = {1.0F, -6.0F};  // s = 2; 0.5 is a tie and goes to 0
  std::vector<float> y(2);
  exercise::fake_quantize_groups(w, 2, 2, 3, y);
  CHECK(difference<float>(y, std::vector<float>{0, -6}) == "");
}

TEST_CASE("3.3 the last group of a row is short and borrows nothing from the next row") {
  // Rows of 3 in groups of 2: {3, 1} {1} | {300, 100} {100}.
  const std::vector<float> w = {3.0F, 1.0F, 1.0F, 300.0F, 100.0F, 100.0F};
  std::vector<float> y(6);
  exercise::fake_quantize_groups(w, 3, 2, 3, y);
  // The lone 1 has s = 1/3 and stays; in a group with 300 (s = 100) it would become 0.
  CHECK(difference<float>(y, std::vector<float>{3, 1, 1, 300, 100, 100}) == "");
}

TEST_CASE("3.3 a group of zeros stays zero, and a group longer than the row is the row") {
  const std::vector<float> w = {0.0F, 0.0F, 0.0F, 7.0F, 1.0F, -3.0F};
  std::vector<float> y(6, 99.0F);
  exercise::fake_quantize_groups(w, 3, 64, 7, y);
  CHECK(difference<float>(y, std::vector<float>{0, 0, 0, 7, 1, -3}) == "");
}

TEST_CASE("3.3 ties go to even, and 1 / s is taken once, in float32") {
  // qmax 7. s = 2: 0.5, 1.5, 2.5 and -2.5 steps.
  const std::vector<float> ties = {14.0F, 1.0F, 3.0F, 5.0F, -5.0F};
  std::vector<float> y(5);
  exercise::fake_quantize_groups(ties, 5, 5, 7, y);
  CHECK(difference<float>(y, std::vector<float>{14, 0, 4, 4, -4}) == "");
  // Half of the largest is 3.5 steps, give or take a rounding. w * (1 / s) is 3.5 or a little less
  // for 23 (w / s: 4 steps) and for 2 (w * 7 / 2: 4 steps), and 4 steps for 17 (in double: 3).
  const std::vector<float> w = {23.0F, 11.5F, 2.0F, 1.0F, 17.0F, 8.5F};
  const std::vector<float> steps = {7, 3, 7, 3, 7, 4};
  std::vector<float> got(6), expected(6);
  for (std::size_t i = 0; i < 6; ++i) expected[i] = w[i / 2 * 2] / 7.0F * steps[i];
  exercise::fake_quantize_groups(w, 6, 2, 7, got);
  CHECK(difference<float>(got, expected) == "");
}

TEST_CASE("3.3 no scale is below the smallest, for weights that are tiny but not zero either") {
  const std::vector<float> w = {1e-8F, 1.7e-7F};
  std::vector<float> y(2, 99.0F);
  exercise::fake_quantize_groups(w, 2, 2, 7, y);
  CHECK(difference<float>(y, std::vector<float>{0.0F, 1.1920929e-07F}) == "");
}

TEST_CASE("3.3 random weights: what the chapter gives") {
  qfs::Rng rng(33);
  std::vector<float> w(5 * 70), y(w.size());
  for (float& value : w) value = static_cast<float>(rng.normal());
  const std::vector<std::size_t> shape = {5, 70};
  for (std::size_t size : {1U, 7U, 32U, 64U, 70U, 128U}) {
    const auto layout = qfs::make_layout(shape, {qfs::GranularityKind::per_group, 0, size});
    exercise::fake_quantize_groups(w, 70, size, 7, y);
    INFO("groups of " << size);
    const auto expected = qfs::fake_quantize_min_max(w, layout, qfs::narrow_range(4));
    CHECK(difference<float>(y, expected) == "");
  }
}

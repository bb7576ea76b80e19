// Judges exercise 3.1.
#include "1_learned_range.hpp"

#include "03_fake_quantization/fake_quantize.hpp"
#include "03_fake_quantization/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(17);

using qfs::test::difference;

TEST_CASE("3.1 the paper example") {
  std::array<float, 7> dx{};
  dx.fill(99.0F);  // what stood there before does not count
  const auto range =
      exercise::backward(qfs::ch03::paper::kX, qfs::ch03::paper::kDy, 0.25F, 5, 0, 15, dx);
  CHECK(difference<float>(dx, qfs::ch03::paper::kDxByHand) == "");
  CHECK(range.low == -3.0);  // -1.5 alone lies below
  CHECK(range.high == 1.0);  // 2.7 alone lies above; 2.6 rounds to 15
}

TEST_CASE("3.1 the mask is taken before the clamp, and at the integer, not at the real") {
  // Steps -5 to 10. 10.5 is a tie to 10, inside; -5.5 a tie to -6, outside.
  const std::vector<float> x = {10.5F, 10.75F, -5.25F, -5.5F, 1e30F, -1e30F};
  const std::vector<float> dy = {1.0F, 2.0F, 4.0F, 8.0F, 16.0F, 32.0F};
  std::vector<float> dx(6, -7.0F);
  const auto range = exercise::backward(x, dy, 1.0F, 5, 0, 15, dx);
  CHECK(difference<float>(dx, std::vector<float>{1, 0, 4, 0, 0, 0}) == "");
  CHECK(range.low == 40.0);   // 8 + 32
  CHECK(range.high == 18.0);  // 2 + 16
}

TEST_CASE("3.1 the zero point is added after rounding") {
  // 2.5 steps round to 2, and with z = 13 that is 15: inside. 15.5 would round to 16: outside.
  const std::vector<float> x = {2.5F}, dy = {1.0F};
  std::vector<float> dx(1);
  const auto range = exercise::backward(x, dy, 1.0F, 13, 0, 15, dx);
  CHECK(dx[0] == 1.0F);
  CHECK(range.high == 0.0);
}

TEST_CASE("3.1 x times the reciprocal, in float") {
  // Steps up to 10. The product with 1 / 0.03F is a little above 10.5, the quotient by 0.03F
  // is 10.5 and a tie to 10; with 0.86F it is the other way round, and the double quotient lies
  // above 10.5.
  const std::vector<float> dy = {1.0F};
  std::vector<float> dx(1);
  CHECK(exercise::backward(std::vector{0.315F}, dy, 0.03F, 5, 0, 15, dx).high == 1.0);
  CHECK(dx[0] == 0.0F);
  CHECK(exercise::backward(std::vector{9.030001F}, dy, 0.86F, 5, 0, 15, dx).high == 0.0);
  CHECK(dx[0] == 1.0F);
}

TEST_CASE("3.1 the sums are not rounded away") {
  // In float32 2^24 + 1 + 1 stops at 2^24.
  const std::vector<float> x = {-9.0F, -9.0F, -9.0F, 9.0F, 9.0F, 9.0F};
  const std::vector<float> dy = {16777216.0F, 1.0F, 1.0F, -16777216.0F, -1.0F, -1.0F};
  std::vector<float> dx(6, 99.0F);
  const auto range = exercise::backward(x, dy, 0.5F, 0, -8, 7, dx);
  CHECK(difference<float>(dx, std::vector<float>(6, 0.0F)) == "");
  CHECK(range.low == 16777218.0);
  CHECK(range.high == -16777218.0);
}

TEST_CASE("3.1 random tensors: dx as the chapter's, and no gradient is lost") {
  qfs::Rng rng(31);
  std::vector<float> x(500), dy(500), dx(500), expected(500);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(rng.normal());
    dy[i] = static_cast<float>(rng.below(17)) - 8.0F;  // integers, so that the sums are exact
  }
  const auto range = exercise::backward(x, dy, 0.1F, -3, -8, 7, dx);
  qfs::fake_quantize_backward(x, dy, qfs::QuantParams{0.1F, -3}, qfs::signed_range(4), expected);
  CHECK(difference<float>(dx, expected) == "");
  double all = 0.0, passed = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    all += static_cast<double>(dy[i]);
    passed += static_cast<double>(dx[i]);
  }
  CHECK(passed + range.low + range.high == all);
}

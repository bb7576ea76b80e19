// Judges exercise 5.2.
#include "2_output_params.hpp"

#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(10);

using qfs::QuantParams;

TEST_CASE("5.2 before the ReLU the whole interval counts") {
  const std::vector<float> y = {-5.0F, 1.0F, 46.0F};
  CHECK(exercise::output_params(y, false) == QuantParams{0.2F, 25});  // 51 / 255, 5 / 0.2
}

TEST_CASE("5.2 after it only what is left") {
  const std::vector<float> y = {-5.0F, 1.0F, 51.0F};
  CHECK(exercise::output_params(y, true) == QuantParams{0.2F, 0});  // 51 / 255
}

TEST_CASE("5.2 a layer that is above 0 everywhere") {
  const std::vector<float> y = {17.0F, 51.0F};
  CHECK(exercise::output_params(y, false) == QuantParams{0.2F, 0});
  CHECK(exercise::output_params(y, true) == QuantParams{0.2F, 0});
}

TEST_CASE("5.2 a layer that is below 0 everywhere is dead after the ReLU") {
  const std::vector<float> y = {-51.0F, -17.0F};
  CHECK(exercise::output_params(y, false) == QuantParams{0.2F, 255});
  CHECK(exercise::output_params(y, true) == QuantParams{qfs::kSmallestScale, 0});
}

TEST_CASE("5.2 the zero point is rounded, halves to even") {
  const std::vector<float> tie = {-2.5F, 252.5F}, above = {-2.75F, 252.25F};
  CHECK(exercise::output_params(tie, false) == QuantParams{1.0F, 2});
  CHECK(exercise::output_params(above, false) == QuantParams{1.0F, 3});
}

TEST_CASE("5.2 a layer that is 0 everywhere") {
  const std::vector<float> y = {0.0F, 0.0F};
  CHECK(exercise::output_params(y, false) == QuantParams{qfs::kSmallestScale, 0});
  CHECK(exercise::output_params(y, true) == QuantParams{qfs::kSmallestScale, 0});
}

// Judges exercise 18.1.
#include "1_from_statistics.hpp"

#include <cmath>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(30);

namespace {

bool near(double got, double expected, double relative) {
  return std::fabs(got - expected) <= relative * std::fabs(expected);
}

}  // namespace

TEST_CASE("18.1 the mean behind the ReLU: numbers from a table") {
  // mu = 0: sigma / sqrt(2 pi). mu = sigma = 1: 0.2419707245 + 0.8413447461.
  CHECK(near(exercise::relu_mean(0.0, 1.0), 0.3989422804014327, 1e-12));
  CHECK(near(exercise::relu_mean(0.0, 3.0), 1.1968268412042980, 1e-12));
  CHECK(near(exercise::relu_mean(1.0, 1.0), 1.0833154705876864, 1e-12));
  CHECK(near(exercise::relu_mean(-1.0, 1.0), 0.0833154705876864, 1e-11));
  CHECK(near(exercise::relu_mean(2.0, 0.5), 2.0000035726386, 1e-11));
}

TEST_CASE("18.1 a sigma of 0 is a constant") {
  CHECK(exercise::relu_mean(2.0, 0.0) == 2.0);
  CHECK(exercise::relu_mean(-2.0, 0.0) == 0.0);
  CHECK(exercise::relu_mean(0.0, 0.0) == 0.0);
}

TEST_CASE("18.1 never below max(mu, 0), and scaled with both") {
  for (double mu : {-3.0, -0.5, 0.0, 0.25, 4.0}) {
    const double mean = exercise::relu_mean(mu, 0.75);
    CHECK(mean > std::fmax(mu, 0.0));
    CHECK(near(exercise::relu_mean(8.0 * mu, 6.0), 8.0 * mean, 1e-12));
    // E[max(y, 0)] - E[max(-y, 0)] = mu
    CHECK(std::fabs(mean - exercise::relu_mean(-mu, 0.75) - mu) < 1e-12);
  }
}

TEST_CASE("18.1 as a sample has it") {
  qfs::Rng rng(181);
  double sum = 0.0;
  for (int i = 0; i < 200000; ++i) sum += std::fmax(0.3 + 0.8 * rng.normal(), 0.0);
  // the standard error of the mean is 0.55 / sqrt(200000) = 0.0012
  CHECK(std::fabs(sum / 200000.0 - exercise::relu_mean(0.3, 0.8)) < 0.006);
}

TEST_CASE("18.1 the bias moves against the mean error") {
  const std::vector<float> rounded = {1.0F, -0.5F, 0.0F}, real = {0.75F, -0.25F, 0.125F};
  const std::vector<double> mu = {2.0, -1.0, 4.0}, sigma = {0.0, 0.0, 0.0};
  // errors 0.25, -0.25, -0.125; means 2, 0, 4: 0.5 - 0 - 0.5 = 0
  CHECK(exercise::corrected_bias(1.5F, rounded, real, mu, sigma) == 1.5F);
  const std::vector<double> other = {2.0, 3.0, 1.0};
  // 0.5 - 0.75 - 0.125 = -0.375
  CHECK(exercise::corrected_bias(1.5F, rounded, real, other, sigma) == 1.875F);
  CHECK(exercise::corrected_bias(-1.5F, real, real, other, sigma) == -1.5F);
}

TEST_CASE("18.1 the bias uses the mean behind the ReLU") {
  const std::vector<float> rounded = {3.0F}, real = {2.0F};
  const std::vector<double> mu = {0.0}, sigma = {1.0};
  CHECK(near(static_cast<double>(exercise::corrected_bias(0.0F, rounded, real, mu, sigma)),
             -0.3989422804014327, 1e-6));
}

TEST_CASE("18.1 the sum is not rounded away") {
  // In float32 2^24 + 1 + 1 stops at 2^24.
  const std::vector<float> rounded = {16777216.0F, 1.0F, 1.0F, -16777216.0F}, real(4, 0.0F);
  const std::vector<double> mu(4, 1.0), sigma(4, 0.0);
  CHECK(exercise::corrected_bias(0.0F, rounded, real, mu, sigma) == -2.0F);
}

TEST_CASE("18.1 no inputs, no error") {
  CHECK(exercise::corrected_bias(0.25F, {}, {}, {}, {}) == 0.25F);
}

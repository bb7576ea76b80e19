// Judges exercise 19.1.
#include "1_lloyd.hpp"

#include <algorithm>
#include <cmath>

#include "04_mnist_mlp/mlp.hpp"
#include "common/dataset.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(36);

#ifndef QFS_CH19_1_HELPERS
#define QFS_CH19_1_HELPERS
// Bound 1e-6, relative: the mean of a few floats, whatever the order in which double adds them.
inline bool is_near(const std::vector<float>& got, const std::vector<float>& expected) {
  if (got.size() != expected.size()) return false;
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!(std::fabs(got[i] - expected[i]) <= 1e-6F * std::fabs(expected[i]))) return false;
  return true;
}

inline double squared_error(const std::vector<float>& x, const std::vector<float>& points) {
  double sum = 0.0;
  for (float value : x) {
    const double error =
        static_cast<double>(value) - static_cast<double>(points[qfs::nearest_code(value, points)]);
    sum += error * error;
  }
  return sum;
}
#endif

TEST_CASE("19.1 on paper: every point moves to the mean of its numbers") {
  const std::vector<float> x = {0.0F, 1.0F, 2.0F, 9.0F, 10.0F};
  CHECK(is_near(exercise::lloyd(x, {1.5F, 8.0F}, 1), {1.0F, 9.5F}));
}

TEST_CASE("19.1 rounds: the numbers choose again") {
  // Midpoint 1.5: {0}, {2, 4, 6, 7}. Then 2.375: {0, 2}, {4, 6, 7}. Then 3.33: the same again.
  const std::vector<float> x = {4.0F, 0.0F, 7.0F, 2.0F, 6.0F};
  CHECK(is_near(exercise::lloyd(x, {0.0F, 3.0F}, 0), {0.0F, 3.0F}));
  CHECK(is_near(exercise::lloyd(x, {0.0F, 3.0F}, 1), {0.0F, 4.75F}));
  CHECK(is_near(exercise::lloyd(x, {0.0F, 3.0F}, 2), {1.0F, 17.0F / 3.0F}));
  CHECK(is_near(exercise::lloyd(x, {0.0F, 3.0F}, 9), {1.0F, 17.0F / 3.0F}));
}

TEST_CASE("19.1 all numbers choose before any point moves") {
  // With points 0 and 4: {0, 1, 2} (2 is a tie) and {3, 9}. Were 0 moved as soon as it had a
  // number, the midpoint would move too.
  const std::vector<float> x = {1.0F, 0.0F, 2.0F, 3.0F, 9.0F};
  CHECK(is_near(exercise::lloyd(x, {0.0F, 4.0F}, 1), {1.0F, 6.0F}));
}

TEST_CASE("19.1 a point that no number has chosen stays") {
  const std::vector<float> x = {0.25F, 0.75F};
  CHECK(is_near(exercise::lloyd(x, {-100.0F, 0.0F, 5.0F}, 1), {-100.0F, 0.5F, 5.0F}));
  CHECK(is_near(exercise::lloyd({}, {-1.0F, 1.0F}, 3), {-1.0F, 1.0F}));
}

TEST_CASE("19.1 means are added in double") {
  // 2^24 + 1 is no float32: added in float, the ones would be lost.
  std::vector<float> x(1001, 1.0F);
  x[0] = 16777216.0F;
  CHECK(is_near(exercise::lloyd(x, {0.0F}, 1), {16778216.0F / 1001.0F}));
}

TEST_CASE("19.1 no round makes the error larger, and points stay in order") {
  qfs::Rng rng(191);
  std::vector<float> x(4000);
  for (float& value : x) value = static_cast<float>(rng.normal() / 4.0);
  std::vector<float> points(qfs::kNf4.begin(), qfs::kNf4.end());
  double before = squared_error(x, points);
  const double first = before;
  for (int round = 0; round < 8; ++round) {
    points = exercise::lloyd(x, points, 1);
    REQUIRE(points.size() == 16);
    CHECK(std::is_sorted(points.begin(), points.end()));
    const double now = squared_error(x, points);
    // Rounding the points to float32 may cost 4000 times (6e-8)^2, which is nothing.
    CHECK(now <= before * (1.0 + 1e-9));
    before = now;
  }
  CHECK(before < 0.9 * first);
}

TEST_CASE("19.1 on the trained layer: better than NF4 by more than half a decibel") {
  const qfs::Mlp mlp = qfs::load_mlp(qfs::datasets_dir() + "/pretrained");
  const qfs::Matrix<float>& w = mlp.layers[0].weight;
  const qfs::Nf4Tensor stored = qfs::quantize_nf4(qfs::values(w));
  std::vector<float> x(w.begin(), w.end());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float largest = stored.absmax[i / qfs::kNf4Block];
    if (largest > 0.0F) x[i] /= largest;
  }
  const std::vector<float> nf4(qfs::kNf4.begin(), qfs::kNf4.end());
  const std::vector<float> own = exercise::lloyd(x, nf4, 20);
  REQUIRE(own.size() == 16);
  // 10 log10(1 / 0.891) = 0.5 dB
  CHECK(squared_error(x, own) < 0.891 * squared_error(x, nf4));
}

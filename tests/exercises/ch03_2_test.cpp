// Judges exercise 3.2.
#include "2_best_threshold.hpp"

#include "03_fake_quantization/noise.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(15);

TEST_CASE("3.2 clipping costs: the smallest candidate does not always win") {
  // 4 is a multiple of every step. T = 4 (qmax 2: s = 2) leaves 4 as it is; T = 1 turns it into 1.
  const std::vector<float> x = {4.0F, -4.0F, 0.0F}, candidates = {1.0F, 2.0F, 4.0F};
  CHECK(exercise::best_threshold(x, candidates, 2) == 4.0F);
}

TEST_CASE("3.2 a worse candidate may stand before the best") {
  const std::vector<float> x = {4.0F, -4.0F, 0.0F}, candidates = {2.0F, 1.0F, 4.0F, 3.0F};
  CHECK(exercise::best_threshold(x, candidates, 2) == 4.0F);
  const std::vector<float> best_first = {4.0F, 1.0F, 2.0F};
  CHECK(exercise::best_threshold(x, best_first, 2) == 4.0F);
}

TEST_CASE("3.2 negative numbers end at -qmax") {
  // qmax 1. T = 2: -4 becomes -2, off by 2. T = 3: -4 becomes -3, off by 1. With -qmax - 1 as the
  // end T = 2 would hold -4 exactly.
  const std::vector<float> x = {-4.0F}, candidates = {2.0F, 3.0F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 3.0F);
}

TEST_CASE("3.2 what is clipped counts, and counts as far as it is clipped") {
  // qmax 1. T = 1: 2 and 10 become 1: squares 1 + 81. T = 4: 2 is half a step and becomes 0 (even),
  // 1 becomes 0, 10 becomes 4: squares 4 + 1 + 36.
  const std::vector<float> x = {1.0F, 2.0F, 10.0F}, candidates = {1.0F, 4.0F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 4.0F);
}

TEST_CASE("3.2 the mean, not the largest error") {
  // qmax 1. T = 1: 1 eight times exact, 3 becomes 1: squares 4. T = 2: 1 eight times off by 1 (a
  // tie, to 0 or to 2 alike), 3 becomes 2: squares 9, of which none is above 1.
  std::vector<float> x(8, 1.0F);
  x.push_back(3.0F);
  const std::vector<float> candidates = {1.0F, 2.0F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 1.0F);
}

TEST_CASE("3.2 errors of both signs do not cancel") {
  // qmax 1. T = 1: 3 and -3 become 1 and -1, off by 2 and -2. T = 2.5: off by 0.5 and -0.5.
  const std::vector<float> x = {3.0F, -3.0F}, candidates = {1.0F, 2.5F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 2.5F);
}

TEST_CASE("3.2 the mean is taken in double") {
  // qmax 1. T = 2: 4098 becomes 2, which costs 2^24; ten thousand ones are a tie and cost 1 each,
  // too little for a float32 sum to notice. T = 1: 4097^2 = 2^24 + 8193, and the ones cost nothing.
  std::vector<float> x(10001, 1.0F);
  x[0] = 4098.0F;
  const std::vector<float> candidates = {2.0F, 1.0F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 1.0F);
}

TEST_CASE("3.2 rounding costs: the largest candidate does not always win") {
  // T = 1 with qmax 1: errors 0. T = 3: s = 3, every 1 becomes 0.
  const std::vector<float> x = {1.0F, -1.0F, 1.0F}, candidates = {3.0F, 1.0F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 1.0F);
}

TEST_CASE("3.2 errors are squared") {
  // qmax 1. T = 1: 1 nine times exact, 4 becomes 1: squares 9, magnitudes 3. T = 2: 1 is half a
  // step and becomes 0 (even), 4 becomes 2: squares 9 + 4, magnitudes 9 + 2. T = 1.5: 1 becomes 1.5
  // nine times (0.25 each), 4 becomes 1.5: squares 2.25 + 6.25 = 8.5, magnitudes 4.5 + 2.5 = 7.
  std::vector<float> x(9, 1.0F);
  x.push_back(4.0F);
  const std::vector<float> candidates = {1.0F, 1.5F, 2.0F};
  CHECK(exercise::best_threshold(x, candidates, 1) == 1.5F);
}

TEST_CASE("3.2 of equals the first") {
  const std::vector<float> x = {0.0F, 0.0F}, up = {1.0F, 2.0F}, down = {2.0F, 1.0F};
  CHECK(exercise::best_threshold(x, up, 7) == 1.0F);
  CHECK(exercise::best_threshold(x, down, 7) == 2.0F);
}

TEST_CASE("3.2 Gaussian numbers: where the chapter finds the minimum") {
  qfs::Rng rng(32);
  std::vector<float> x(20000), candidates;
  for (float& value : x) value = static_cast<float>(rng.normal());
  for (int i = 5; i <= 50; ++i) candidates.push_back(static_cast<float>(i) / 10.0F);
  for (int bits : {2, 4, 8}) {
    const qfs::QuantRange range = qfs::narrow_range(bits);
    float expected = 0.0F;
    double least = HUGE_VAL;
    for (float threshold : candidates) {
      const double noise = qfs::measure_noise(x, threshold, range).total();
      if (noise < least) expected = threshold;
      least = std::min(least, noise);
    }
    INFO(bits << " bits");
    CHECK(exercise::best_threshold(x, candidates, range.qmax) == expected);
  }
}

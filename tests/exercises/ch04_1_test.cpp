// Judges exercise 4.1.
#include "1_cross_entropy.hpp"

#include <cmath>
#include <vector>

#include "04_mnist_mlp/layers.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(1300);

namespace {

// A probability has a dozen roundings of 2^-24 for ten classes (the exponentials, their sum, the
// quotient), and so has the chapter's: 2 * 12 * 2^-24 = 1.4e-6.
bool near(float got, double expected) {
  return std::fabs(static_cast<double>(got) - expected) <= 1.5e-6;
}

}  // namespace

TEST_CASE("4.1 on paper: logits (1, 0), label 1") {
  const std::vector<float> logits = {1.0F, 0.0F};
  const std::vector<std::uint8_t> labels = {1};
  std::vector<float> gradient(2);
  CHECK(near(exercise::cross_entropy(logits, 2, labels, gradient), 1.3132616875));  // log(1 + e)
  CHECK(near(gradient[0], 0.7310585786));                                           // e / (1 + e)
  CHECK(near(gradient[1], -0.7310585786));
}

TEST_CASE("4.1 the mean over the batch is part of the gradient") {
  const std::vector<float> logits = {0, 0, 0, 0, 0, 0, 0, 0};
  const std::vector<std::uint8_t> labels = {0, 1, 0, 1};
  std::vector<float> gradient(8);
  CHECK(near(exercise::cross_entropy(logits, 2, labels, gradient),
             0.6931471806));         // log 2, not 4 log 2
  CHECK(near(gradient[0], -0.125));  // (1/2 - 1) / 4
  CHECK(near(gradient[1], 0.125));
  CHECK(near(gradient[2], 0.125));
}

TEST_CASE("4.1 large logits neither overflow nor lose the loss") {
  const std::vector<float> logits = {1000, 0, -1000, -1000, -1000, -1000, 0, 200, -200};
  const std::vector<std::uint8_t> labels = {0, 2, 0};
  std::vector<float> gradient(9);
  // 0, log 3, and 200: an exponential of -200 is 0 in float32, so its logarithm would be infinite.
  const float loss = exercise::cross_entropy(logits, 3, labels, gradient);
  INFO("loss " << loss);
  CHECK(std::fabs(static_cast<double>(loss) - (1.0986122887 + 200.0) / 3.0) <= 2e-5);
  CHECK(near(gradient[0], 0.0));
  CHECK(near(gradient[5], (1.0 / 3.0 - 1.0) / 3.0));
  CHECK(near(gradient[6], -1.0 / 3.0));
  CHECK(near(gradient[7], 1.0 / 3.0));
}

TEST_CASE("4.1 random batches give what the chapter gives, and each row's gradient adds up to 0") {
  qfs::Rng rng(41);
  for (int round = 0; round < 50; ++round) {
    const std::size_t B = 1 + rng.below(7), classes = 2 + rng.below(9);
    auto logits = qfs::make_tensor<float>({B, classes});
    for (float& z : qfs::values(logits)) z = static_cast<float>(rng.uniform(-8.0, 8.0));
    std::vector<std::uint8_t> labels(B);
    for (std::uint8_t& label : labels) label = static_cast<std::uint8_t>(rng.below(classes));
    qfs::Matrix<float> expected;
    const float loss = qfs::cross_entropy(logits, labels, expected);
    std::vector<float> gradient(B * classes, 99.0F);
    const float got = exercise::cross_entropy(qfs::values(logits), classes, labels, gradient);
    INFO(B << " rows of " << classes << " classes: loss " << got << ", expected " << loss);
    // A row's loss is at most 16 + log 10 = 18.4. It has five roundings of that size, and adding up
    // at most seven rows has six: 11 * 18.4 * 2^-24 = 1.2e-5, on each side.
    CHECK(std::fabs(got - loss) <= 2.4e-5F);
    for (std::size_t m = 0; m < B; ++m) {
      float sum = 0.0F;
      for (std::size_t i = 0; i < classes; ++i) {
        INFO("row " << m << ", class " << i);
        CHECK(near(gradient[m * classes + i], static_cast<double>(expected(m, i))));
        sum += gradient[m * classes + i];
      }
      CHECK(near(sum, 0.0));
    }
  }
}

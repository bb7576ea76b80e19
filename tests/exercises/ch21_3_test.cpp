// Judges exercise 21.3.
#include "3_norm_before.hpp"

#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(115);

namespace {

using qfs::BatchNorm;
using qfs::Conv2d;
using qfs::Matrix;
using qfs::PictureShape;

// Two channels, g = 2 and -3; offsets 1 - 3 * 2 = -5 and 4 + 1 * -3 = 1.
BatchNorm two_channels() {
  BatchNorm norm = qfs::make_batch_norm(2);
  norm.epsilon = 0.0F;
  norm.gamma(0) = 4.0F, norm.running_variance(0) = 4.0F;
  norm.gamma(1) = -1.5F, norm.running_variance(1) = 0.25F;
  norm.running_mean(0) = 3.0F, norm.running_mean(1) = -1.0F;
  norm.beta(0) = 1.0F, norm.beta(1) = 4.0F;
  return norm;
}

Conv2d conv_of(std::vector<float> weight, std::size_t N, qfs::Window window) {
  Conv2d conv{.window = window, .weight = qfs::make_tensor<float>({N, weight.size() / N})};
  std::copy(weight.begin(), weight.end(), conv.weight.data());
  conv.weight_gradient = conv.weight;
  return conv;
}

}  // namespace

TEST_CASE("21.3 one pixel of two channels, by hand") {
  const Conv2d conv = conv_of({0.5F, 1.0F}, 1, {1, 1, 1, 0});
  const Conv2d folded = exercise::fold_before(two_channels(), conv);
  REQUIRE(folded.bias.size() == 1);
  CHECK(folded.weight(0, 0) == 1.0F);
  CHECK(folded.weight(0, 1) == -3.0F);
  CHECK(folded.bias(0) == -1.5F);  // 0.5 * -5 + 1 * 1
}

TEST_CASE("21.3 the channel runs fastest, and the bias stays in") {
  Conv2d conv = conv_of({1, 2, 3, 4, 5, 6, 7, 8}, 2, {1, 2, 1, 0});
  conv.bias = qfs::make_tensor<float>({2}, 10.0F);
  const Conv2d folded = exercise::fold_before(two_channels(), conv);
  REQUIRE(folded.bias.size() == 2);
  const std::vector<float> expected = {2, -6, 6, -12, 10, -18, 14, -24};
  for (std::size_t i = 0; i < 8; ++i) CHECK(folded.weight.data()[i] == expected[i]);
  CHECK(folded.bias(0) == 10.0F - 4.0F * 5.0F + 6.0F);
  CHECK(folded.bias(1) == 10.0F - 12.0F * 5.0F + 14.0F);
}

TEST_CASE("21.3 epsilon counts") {
  BatchNorm norm = qfs::make_batch_norm(1);
  norm.epsilon = 3.0F;  // sqrt(1 + 3) = 2
  CHECK(exercise::fold_before(norm, conv_of({8.0F}, 1, {1, 1, 1, 0})).weight(0, 0) == 4.0F);
}

TEST_CASE("21.3 the window, and the layer itself, stay as they are") {
  const Conv2d conv = conv_of({1, 2, 3, 4}, 1, {2, 1, 2, 0});
  const Conv2d folded = exercise::fold_before(two_channels(), conv);
  CHECK(folded.window == conv.window);
  CHECK(conv.weight(0, 1) == 2.0F);
  CHECK(conv.bias.size() == 0);
}

TEST_CASE("21.3 a border is refused where an offset would stand beyond it") {
  CHECK_THROWS_AS(
      exercise::fold_before(two_channels(), conv_of(std::vector<float>(18, 1.0F), 1, {3, 3, 1, 1})),
      qfs::Error);
  BatchNorm one_offset = qfs::make_batch_norm(2);
  one_offset.beta(1) = 0.125F;
  CHECK_THROWS_AS(
      exercise::fold_before(one_offset, conv_of(std::vector<float>(18, 1.0F), 1, {3, 3, 1, 1})),
      qfs::Error);
}

TEST_CASE("21.3 a border is right where every offset is 0") {
  BatchNorm norm = qfs::make_batch_norm(2);
  norm.epsilon = 0.0F;
  norm.gamma(0) = 2.0F, norm.gamma(1) = 3.0F;
  norm.running_mean(0) = 1.5F, norm.beta(0) = 3.0F;  // 3 - 1.5 * 2 = 0
  Conv2d folded = conv_of(std::vector<float>(18, 1.0F), 1, {3, 3, 1, 1});
  folded.bias = qfs::make_tensor<float>({1}, 1.0F);
  bool refused = false;
  try {
    Conv2d conv = folded;
    conv.bias = {};
    folded = exercise::fold_before(norm, conv);
  } catch (const qfs::Error&) {
    refused = true;
  }
  CHECK(!refused);
  CHECK(folded.weight(0, 0) == 2.0F);
  CHECK(folded.weight(0, 17) == 3.0F);
  CHECK(folded.bias(0) == 0.0F);
}

TEST_CASE("21.3 one convolution does what the two did") {
  qfs::Rng rng(1);
  const PictureShape shape{4, 4, 3};
  BatchNorm norm = qfs::make_batch_norm(3);
  for (std::size_t c = 0; c < 3; ++c) {
    norm.gamma(c) = static_cast<float>(rng.uniform(0.5, 2.0));
    norm.beta(c) = static_cast<float>(rng.uniform(-1.0, 1.0));
    norm.running_mean(c) = static_cast<float>(rng.uniform(-1.0, 1.0));
    norm.running_variance(c) = static_cast<float>(rng.uniform(0.1, 2.0));
  }
  std::vector<float> weight;
  for (int i = 0; i < 5 * 12; ++i) weight.push_back(static_cast<float>(rng.uniform(-1.0, 1.0)));
  const Conv2d conv = conv_of(weight, 5, {2, 2, 1, 0});
  Matrix<float> x = qfs::make_tensor<float>({2, 48}), normed;
  for (float& value : qfs::values(x)) value = static_cast<float>(rng.uniform(-1.0, 1.0));
  qfs::batch_norm_running(norm, x, normed);
  const Matrix<float> expected = qfs::conv2d_forward_ref(conv, shape, normed);
  const Matrix<float> got = qfs::conv2d_forward_ref(exercise::fold_before(norm, conv), shape, x);
  // Some 20 roundings of 2^-24 of numbers that add up to less than 60.
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(std::fabs(got.data()[i] - expected.data()[i]) <= 1e-4F);
}

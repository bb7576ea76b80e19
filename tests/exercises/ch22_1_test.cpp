// Judges exercise 22.1.
#include "1_norm_first.hpp"

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(16);

using qfs::Matrix;
using qfs::test::difference;

namespace {

qfs::Conv2d random_conv(qfs::Rng& rng, std::size_t channels, bool bias) {
  qfs::Conv2d conv{.window = {2, 3, 1, 0},
                   .weight = qfs::make_tensor<float>({4, 6 * channels}),
                   .bias = {},
                   .weight_gradient = {},
                   .bias_gradient = {}};
  for (float& w : qfs::values(conv.weight)) w = static_cast<float>(rng.normal());
  if (bias) {
    conv.bias = qfs::make_tensor<float>({4});
    for (float& b : qfs::values(conv.bias)) b = static_cast<float>(rng.normal());
  }
  return conv;
}

qfs::BatchNorm random_norm(qfs::Rng& rng, std::size_t channels) {
  qfs::BatchNorm norm = qfs::make_batch_norm(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    norm.gamma(c) = static_cast<float>(rng.uniform(-2, 2));
    norm.beta(c) = static_cast<float>(rng.normal());
    norm.running_mean(c) = static_cast<float>(rng.normal());
    norm.running_variance(c) = static_cast<float>(rng.uniform(0.2, 3));
  }
  norm.epsilon = 0.5F;  // so large that nobody forgets it
  return norm;
}

}  // namespace

TEST_CASE("22.1 on paper: one weight, f = 1/2, o = 3") {
  qfs::BatchNorm norm = qfs::make_batch_norm(1);
  norm.gamma = {1.0F};
  norm.beta = {4.0F};
  norm.running_mean = {2.0F};
  norm.running_variance = {3.0F};
  norm.epsilon = 1.0F;
  qfs::Conv2d conv{.window = {1, 1, 1, 0},
                   .weight = {{5.0F}},
                   .bias = {},
                   .weight_gradient = {},
                   .bias_gradient = {}};
  const qfs::Conv2d folded = exercise::fold_in_front(norm, conv);
  REQUIRE(folded.bias.size() == 1);
  CHECK(folded.weight(0, 0) == 2.5F);
  CHECK(folded.bias(0) == 15.0F);
}

TEST_CASE("22.1 the folded convolution is batch norm and convolution") {
  qfs::Rng rng(221);
  for (std::size_t channels : {std::size_t{1}, std::size_t{3}})
    for (bool bias : {false, true}) {
      const qfs::PictureShape picture = {4, 5, channels};
      const qfs::Conv2d conv = random_conv(rng, channels, bias);
      const qfs::BatchNorm norm = random_norm(rng, channels);
      auto x = qfs::make_tensor<float>({3, picture.size()});
      for (float& value : qfs::values(x)) value = static_cast<float>(rng.normal());
      Matrix<float> normalized;
      qfs::batch_norm_running(norm, x, normalized);
      const Matrix<float> expected = qfs::conv2d_forward_ref(conv, picture, normalized);
      const qfs::Conv2d folded = exercise::fold_in_front(norm, conv);
      REQUIRE(folded.bias.size() == 4);
      // 18 products and as many in the bias, of numbers below 4 * 10, some roundings each:
      // 40 * 2^-24 * 36 * 40 = 3.4e-3.
      CHECK(difference(qfs::conv2d_forward_ref(folded, picture, x), expected, 3.4e-3) == "");
    }
}

TEST_CASE("22.1 a border of 0 stays 0 only where the offset is 0") {
  qfs::Rng rng(222);
  qfs::Conv2d conv = random_conv(rng, 2, true);
  conv.window.padding = 1;
  qfs::BatchNorm norm = random_norm(rng, 2);
  CHECK_THROWS_AS(exercise::fold_in_front(norm, conv), qfs::Error);
  norm.beta = norm.running_mean = {0.0F, 0.0F};
  const qfs::PictureShape picture = {4, 5, 2};
  auto x = qfs::make_tensor<float>({2, picture.size()});
  for (float& value : qfs::values(x)) value = static_cast<float>(rng.normal());
  Matrix<float> normalized;
  qfs::batch_norm_running(norm, x, normalized);
  bool folds = true;
  qfs::Conv2d folded;
  try {
    folded = exercise::fold_in_front(norm, conv);
  } catch (const qfs::Error&) {
    folds = false;
  }
  REQUIRE(folds);
  CHECK(difference(qfs::conv2d_forward_ref(folded, picture, x),
                   qfs::conv2d_forward_ref(conv, picture, normalized), 3.4e-3) == "");
  norm.beta = {0.0F, 0.25F};  // one channel is enough
  CHECK_THROWS_AS(exercise::fold_in_front(norm, conv), qfs::Error);
  conv.window.padding = 0;
  CHECK(exercise::fold_in_front(norm, conv).window == conv.window);
}

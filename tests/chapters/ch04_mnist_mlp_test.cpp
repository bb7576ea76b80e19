// Chapter 04: the layers, their gradients, and Adam; two classifiers compared.
#include <limits>
#include <vector>

#include "04_mnist_mlp/adam.hpp"
#include "04_mnist_mlp/gradient_check.hpp"
#include "04_mnist_mlp/layers.hpp"
#include "04_mnist_mlp/lesson/paper_example.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "04_mnist_mlp/mean_interval.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/flat_parameters.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/reference.hpp"

using qfs::Matrix;
using qfs::Mlp;
using qfs::test::difference;
using qfs::test::flat_gradients;
using qfs::test::flat_values;
using qfs::test::load_reference;
using qfs::test::message_of;
using qfs::test::outside;
using qfs::test::outside_where_known;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Mlp reference_net() { return qfs::load_mlp(qfs::test::reference_dir() + "/ch04"); }

// Batch t of the ten batches of 32 in tests/reference/ch04.
struct ReferenceBatch {
  Matrix<float> x = qfs::make_tensor<float>({32, 49});
  std::vector<std::uint8_t> labels;
};
ReferenceBatch reference_batch(std::size_t t) {
  const auto all_x = load_reference<float, 2>("ch04/x");
  const auto all_labels = load_reference<std::uint8_t, 1>("ch04/labels");
  ReferenceBatch batch;
  for (std::size_t m = 0; m < 32; ++m) {
    std::ranges::copy(qfs::row(all_x, t * 32 + m), qfs::row(batch.x, m).begin());
    batch.labels.push_back(all_labels(t * 32 + m));
  }
  return batch;
}

}  // namespace

TEST_CASE("numbers are compared within their radii", "[hand]") {
  const std::vector<float> expected = {1, 2, 3}, radius = {0.5F, 0, 0.25F};
  const auto check = [&](std::vector<float> got, std::vector<float> radii) {
    return outside(got, expected, radii, 2.0);
  };
  CHECK(check({2, 2, 2.5F}, radius) == "");  // at the bounds, 2 * 0.5 and 2 * 0.25
  CHECK_THAT(check({1, 2.5F, 3}, radius), QFS_CONTAINS("at index 1: got 2.5, "));
  CHECK_THAT(check({1, 2, 3.51F}, radius), QFS_CONTAINS("at index 2"));
  CHECK_THAT(check({kNan, 2, 3}, radius), QFS_CONTAINS("at index 0"));
  CHECK_THAT(check({1, 2, 3}, {0.5F, kNan, 0.25F}), QFS_CONTAINS("at index 1"));
  CHECK(check({1, 2}, radius) == "sizes differ");
  // A radius of -1 bounds nothing, unless the test has said that it may.
  const std::vector<float> unknown = {-1, 0, 0.25F}, far = {9, 2, 3}, farther = {9, 9, 3};
  CHECK_THAT(check(expected, unknown), QFS_CONTAINS("at index 0"));
  CHECK(outside_where_known(far, expected, unknown, 2.0) == "");
  CHECK_THAT(outside_where_known(farther, expected, unknown, 2.0), QFS_CONTAINS("at index 1"));
}

TEST_CASE("linear_forward is x W^T + b", "[hand]") {
  const qfs::Linear layer = {.weight = {{1, 2, 3}, {0, -1, 0.5F}},
                             .bias = {10, -1},
                             .weight_gradient = qfs::make_tensor<float>({2, 3}),
                             .bias_gradient = qfs::make_tensor<float>({2})};
  const Matrix<float> x = {{1, 1, 1}, {2, 0, -2}};
  // row 0: 1 + 2 + 3 + 10 = 16 and -1 + 0.5 - 1 = -1.5; row 1: 2 - 6 + 10 = 6 and -1 - 1 = -2
  const Matrix<float> expected = {{16, -1.5F}, {6, -2}};
  Matrix<float> y;
  qfs::linear_forward(layer, x, y);
  CHECK(difference(y, expected) == "");
  CHECK(difference(qfs::linear_forward_ref(layer, x), expected) == "");
}

TEST_CASE("linear_backward: (dL/dy)^T x, the column sums, dL/dy W", "[hand]") {
  qfs::Linear layer = {.weight = {{1, 2, 3}, {0, -1, 0.5F}},
                       .bias = {10, -1},
                       .weight_gradient = qfs::make_tensor<float>({2, 3}, 99.0F),
                       .bias_gradient = qfs::make_tensor<float>({2}, 99.0F)};
  const Matrix<float> x = {{1, 1, 1}, {2, 0, -2}}, y_gradient = {{1, -1}, {0.5F, 4}};
  Matrix<float> x_gradient;
  qfs::linear_backward(layer, x, y_gradient, &x_gradient);
  // dW[0] = 1 (1, 1, 1) + 0.5 (2, 0, -2); dW[1] = -1 (1, 1, 1) + 4 (2, 0, -2)
  CHECK(difference(layer.weight_gradient, Matrix<float>{{2, 1, 0}, {7, -1, -9}}) == "");
  CHECK(difference(layer.bias_gradient, qfs::Vector<float>{1.5F, 3}) == "");
  // dx[0] = 1 (1, 2, 3) - 1 (0, -1, 0.5); dx[1] = 0.5 (1, 2, 3) + 4 (0, -1, 0.5)
  CHECK(difference(x_gradient, Matrix<float>{{1, 3, 2.5F}, {0.5F, -3, 3.5F}}) == "");
}

TEST_CASE("ReLU and its slope, 0 at exactly 0", "[hand][ref]") {
  Matrix<float> y = {{-1.0F, -0.0F, 0.0F, 1e-40F, 2.0F}};
  qfs::relu_forward(y);
  CHECK(difference(y, Matrix<float>{{0, 0, 0, 1e-40F, 2}}) == "");
  Matrix<float> slope = qfs::make_tensor<float>({1, 5}, 1.0F);
  qfs::relu_backward(y, slope);
  // ch04.py, awkward_logits: torch.relu(z).sum().backward() on the same five numbers
  const auto expected = load_reference<float, 1>("ch04/relu_slopes");
  CHECK(difference(qfs::values(std::as_const(slope)), qfs::values(expected)) == "");
  Matrix<float> bad = {{kNan, -kInfinity}};
  qfs::relu_forward(bad);
  CHECK(std::isnan(bad(0, 0)));
  CHECK(bad(0, 1) == 0.0F);
}

TEST_CASE("cross-entropy where a naive softmax overflows", "[ref]") {
  // ch04.py, awkward_logits
  const auto logits = load_reference<float, 2>("ch04/awkward_logits");
  const auto losses = load_reference<float, 1>("ch04/awkward_losses");
  const auto gradients = load_reference<float, 2>("ch04/awkward_gradients");
  const std::vector<std::uint8_t> labels = {0, 1, 2, 2, 0};
  double mean = 0.0;
  for (float loss : losses) mean += static_cast<double>(loss) / 5.0;
  Matrix<float> gradient;
  // The losses are up to 1.1, each with less than ten roundings of 2^-24: 10 * 6e-8 * 1.1 = 7e-7.
  const float loss = qfs::cross_entropy(logits, labels, gradient);
  CHECK(std::fabs(static_cast<double>(loss) - mean) <= 7e-7);
  // Gradients are up to 1/5, with less than ten roundings: 10 * 6e-8 / 5 = 1.2e-7.
  CHECK(difference(gradient, gradients, 1.2e-7) == "");
}

TEST_CASE("the loss of a class whose probability is 0 in float32", "[hand]") {
  // e^-2000 is no float32, and its logarithm would be -infinity: but the loss is 1000 + 1000.
  const std::vector<std::uint8_t> labels = {2};
  Matrix<float> gradient;
  CHECK(qfs::cross_entropy({{1000, 0, -1000}}, labels, gradient) == 2000.0F);
  CHECK(difference(gradient, Matrix<float>{{1, 0, -1}}) == "");
}

TEST_CASE("cross-entropy refuses labels that are no classes", "[hand]") {
  const Matrix<float> logits = {{1, 2}, {3, 4}};
  Matrix<float> gradient;
  const std::vector<std::uint8_t> too_large = {0, 2}, too_few = {0};
  CHECK_THAT(message_of([&] { qfs::cross_entropy(logits, too_large, gradient); }),
             QFS_CONTAINS("no such class") && QFS_CONTAINS("got:        2"));
  CHECK_THAT(message_of([&] { qfs::cross_entropy(logits, too_few, gradient); }),
             QFS_CONTAINS("one label per row"));
  CHECK_THAT(message_of([&] {
               qfs::cross_entropy(qfs::make_tensor<float>({0, 2}), {}, gradient);
             }),
             QFS_CONTAINS("one label per row"));
}

TEST_CASE("softmax adds up to 1, and a shift of all logits changes nothing", "[hand][prop]") {
  const std::vector<float> logits = {1.0F, 0.0F}, shifted = {1001.0F, 1000.0F};
  std::vector<float> p(2), q(2);
  qfs::softmax(logits, p);
  qfs::softmax(shifted, q);
  CHECK(p == q);
  CHECK(std::fabs(p[0] - 0.73105858F) <= 2e-7F);  // e / (e + 1)
  CHECK(std::fabs(p[0] + p[1] - 1.0F) <= 2e-7F);
  qfs::softmax(std::vector<float>{0.0F, 1000.0F}, p);  // e^1000 is no float32
  CHECK(p == std::vector<float>{0.0F, 1.0F});
}

TEST_CASE("the paper example is PyTorch's", "[hand][ref]") {
  // ch04.py, paper
  const auto losses = load_reference<double, 1>("ch04/paper_losses");
  const auto gradients = load_reference<double, 1>("ch04/paper_gradients");
  const auto after = load_reference<double, 1>("ch04/paper_after");
  Mlp net = qfs::ch04::paper::make_net();
  qfs::MlpBuffers buffers;
  const float loss =
      qfs::forward_backward(net, qfs::ch04::paper::kX, qfs::ch04::paper::kLabels, buffers);
  // Every number has less than ten roundings: 10 * 2^-24 * 2 = 1.2e-6. The numbers by hand are
  // given to half a unit of the fourth decimal, those called PyTorch's to half a unit of the sixth.
  CHECK(std::fabs(static_cast<double>(loss) - losses(0)) <= 1.2e-6);
  CHECK(std::fabs(qfs::ch04::paper::kLoss - losses(0)) <= 0.5e-4);
  CHECK(std::fabs(qfs::ch04::paper::kLossAfterStep - losses(1)) <= 0.5e-4);
  CHECK(std::fabs(qfs::ch04::paper::kLossByPyTorch - losses(0)) <= 0.5e-6);
  CHECK(std::fabs(qfs::ch04::paper::kLossAfterStepByPyTorch - losses(1)) <= 0.5e-6);
  const std::vector<float> got = flat_gradients(qfs::parameters(net));
  qfs::Adam adam(qfs::parameters(net), {.learning_rate = qfs::ch04::paper::kLearningRate});
  adam.step();
  const std::vector<float> stepped = flat_values(qfs::parameters(net));
  for (std::size_t i = 0; i < 12; ++i) {
    INFO("parameter " << i);
    CHECK(std::fabs(static_cast<double>(got[i]) - gradients(i)) <= 1.2e-6);
    CHECK(std::fabs(qfs::ch04::paper::kGradients[i] - gradients(i)) <= 0.5e-4);
    CHECK(std::fabs(static_cast<double>(stepped[i]) - after(i)) <= 1.2e-6);
    CHECK(std::fabs(qfs::ch04::paper::kAfterStep[i] - after(i)) <= 1.2e-6);
    CHECK(std::fabs(qfs::ch04::paper::kGradientsByPyTorch[i] - gradients(i)) <= 0.5e-6);
    CHECK(std::fabs(qfs::ch04::paper::kAfterStepByPyTorch[i] - after(i)) <= 0.5e-6);
  }
}

TEST_CASE("gradients are PyTorch's on the same weights and batch", "[ref]") {
  // ch04.py, ten_steps: losses, gradients, and gradient_radii, by how much float32 rounding can
  // move each; two evaluations differ by at most twice that.
  Mlp net = reference_net();
  const ReferenceBatch batch = reference_batch(0);
  qfs::MlpBuffers buffers;
  const float loss = qfs::forward_backward(net, batch.x, batch.labels, buffers);
  const auto losses = load_reference<double, 1>("ch04/losses");
  CHECK(std::fabs(static_cast<double>(loss) - losses(0)) <=
        2e-5);  // 2 * 64 roundings of 2.5 * 6e-8
  const auto gradients = load_reference<float, 2>("ch04/gradients");
  const auto radii = load_reference<float, 2>("ch04/gradient_radii");
  CHECK(qfs::test::looseness(qfs::row(radii, 0), qfs::row(gradients, 0)) <= 1e-2);
  CHECK(outside(flat_gradients(qfs::parameters(net)), qfs::row(gradients, 0), qfs::row(radii, 0),
                2.0) == "");
}

TEST_CASE("gradients are those of finite differences", "[prop]") {
  Mlp net = reference_net();
  const ReferenceBatch batch = reference_batch(0);
  qfs::MlpBuffers buffers;
  qfs::forward_backward(net, batch.x, batch.labels, buffers);
  const auto radii = load_reference<float, 2>("ch04/gradient_radii");  // of float32 rounding
  // h = 2^-14. Along one weight the logits are linear (while no ReLU switches), with slopes below
  // |x| max|dz/dh| < 4 * 1.2, so the third derivative of log-sum-exp, a third cumulant, is below
  // 0.0963 * (2 * 4.8)^3 = 85, and h^2/6 * 85 = 5.3e-8.
  // A ReLU that switches between w - h and w + h adds more: allowed for one weight in a hundred.
  std::size_t count = 0, far = 0;
  for (const qfs::ParamView& param : qfs::parameters(net))
    for (std::size_t i = 0; i < param.values.size(); ++i) {
      const double numeric = qfs::numeric_gradient(net, param.values[i], batch.x, batch.labels);
      const double distance = std::fabs(numeric - static_cast<double>(param.gradients[i]));
      if (!(distance <= static_cast<double>(radii(0, count)) + 5.3e-8)) ++far;
      ++count;
      INFO(param.name << "[" << i << "]");
      CHECK(distance <= 1e-3);
    }
  CHECK(count == 1134);
  CHECK(far <= count / 100);
}

TEST_CASE("the numeric gradient divides by the distance there really is", "[hand]") {
  // Between 512 and 1024 floats stand 2^-14 apart: 700 +- 1.5 of that are 700 +- 2 of it. The
  // logits are 0 and 0, so that dL/dw = x softmax(0) = 0.01 / 2.
  Mlp net;
  net.layers.push_back({.weight = {{700.0F}, {0.0F}},
                        .bias = {-7.0F, 0.0F},
                        .weight_gradient = qfs::make_tensor<float>({2, 1}),
                        .bias_gradient = qfs::make_tensor<float>({2})});
  const std::vector<std::uint8_t> labels = {1};
  const double numeric =
      qfs::numeric_gradient(net, net.layers[0].weight(0, 0), {{0.01F}}, labels, 1.5F / 16384);
  CHECK(std::fabs(numeric - 0.005) <= 1e-6);
  CHECK(net.layers[0].weight(0, 0) == 700.0F);
}

TEST_CASE("Adam's first step is the learning rate against the sign", "[hand]") {
  std::vector<float> w = {1.0F, 1.0F, 1.0F, 1.0F}, g = {3.0F, -1e-3F, 0.0F, 1e-8F};
  qfs::Adam adam({{"w", {w.size()}, w, g}}, {.learning_rate = 0.5});
  adam.step();
  // m / (1 - 0.9) = g and sqrt(v / (1 - 0.999)) = |g|, so the step is 0.5 g / (|g| + 1e-8).
  CHECK(std::fabs(w[0] - 0.5F) <= 1e-6F);
  CHECK(std::fabs(w[1] - 1.5F) <= 1e-4F);  // 1e-3 / (1e-3 + 1e-8) is 0.99999
  CHECK(w[2] == 1.0F);
  CHECK(std::fabs(w[3] - 0.75F) <= 1e-6F);  // |g| = eps: half a step. eps stands outside the root.
  CHECK(std::fabs(adam.mean(0)[0] - 0.3F) <= 1e-6F);     // 0.1 * 3
  CHECK(std::fabs(adam.square(0)[0] - 9e-3F) <= 1e-8F);  // 0.001 * 9
}

TEST_CASE("Adam's second step remembers the first", "[hand]") {
  std::vector<float> w = {0.0F}, g = {1.0F};
  qfs::Adam adam({{"w", {w.size()}, w, g}}, {.learning_rate = 1.0});
  adam.step();
  g[0] = -1.0F;
  adam.step();
  // m = 0.9 * 0.1 - 0.1 = -0.01, over 1 - 0.81 = 0.19: -0.0526; v = 0.001999 over 0.001999: 1.
  CHECK(std::fabs(w[0] - (-1.0F + 0.052631579F)) <= 1e-6F);
}

TEST_CASE("ten steps of Adam on PyTorch's gradients", "[ref]") {
  // ch04.py, ten_steps: given_radii, what rounding can do in ten steps of Adam alone.
  Mlp net = reference_net();
  const auto gradients = load_reference<float, 2>("ch04/gradients");
  const auto after = load_reference<float, 2>("ch04/after");
  const auto radii = load_reference<float, 2>("ch04/given_radii");
  CHECK(std::ranges::max(qfs::values(radii)) <= 1e-5F);  // a hundredth of a step
  qfs::Adam adam(qfs::parameters(net), {});
  for (std::size_t t = 0; t < 10; ++t) {
    std::span<const float> rest = qfs::row(gradients, t);
    for (const qfs::ParamView& param : qfs::parameters(net)) {
      std::ranges::copy(rest.first(param.gradients.size()), param.gradients.begin());
      rest = rest.subspan(param.gradients.size());
    }
    adam.step();
    INFO("step " << t + 1);
    CHECK(outside(flat_values(qfs::parameters(net)), qfs::row(after, t), qfs::row(radii, t), 2.0) ==
          "");
  }
}

TEST_CASE("Adam's order of operations is PyTorch's, bit for bit", "[ref]") {
  // ch04.py, adam_bits: gradients from 1e-10 to 1e2, where another order gives other last bits.
  const auto gradients = load_reference<float, 2>("ch04/adam_g");
  const auto after = load_reference<float, 2>("ch04/adam_after");
  qfs::Vector<float> w = load_reference<float, 1>("ch04/adam_w");
  std::vector<float> g(w.size());
  qfs::Adam adam({{"w", qfs::shape_of(w), qfs::values(w), g}}, {});
  REQUIRE(after.shape(0) == 10);
  for (std::size_t t = 0; t < 10; ++t) {
    std::ranges::copy(qfs::row(gradients, t), g.begin());
    adam.step();
    INFO("step " << t + 1);
    CHECK(difference(qfs::values(std::as_const(w)), qfs::row(after, t)) == "");
  }
}

TEST_CASE("ten steps of training follow PyTorch's", "[ref]") {
  // ch04.py, ten_steps: own_radii, -1 where a gradient comes so near 0 that its sign is rounding's.
  Mlp net = reference_net();
  const auto losses = load_reference<double, 1>("ch04/losses");
  const auto after = load_reference<float, 2>("ch04/after");
  const auto radii = load_reference<float, 2>("ch04/own_radii");
  // Whatever the draws, at least half of the parameters are compared.
  REQUIRE(radii.shape(1) == 1134);
  CHECK(std::ranges::count(qfs::row(radii, 9), -1.0F) <= 567);
  // And of those nine in ten within a tenth of a step, 1e-3.
  CHECK(std::ranges::count_if(qfs::values(radii), [](float r) { return r > 1e-4F; }) <= 1134);
  qfs::Adam adam(qfs::parameters(net), {});
  qfs::MlpBuffers buffers;
  for (std::size_t t = 0; t < 10; ++t) {
    const ReferenceBatch batch = reference_batch(t);
    const float loss = qfs::forward_backward(net, batch.x, batch.labels, buffers);
    adam.step();
    INFO("step " << t + 1);
    CHECK(std::fabs(static_cast<double>(loss) - losses(t)) <= 2e-5);
    CHECK(outside_where_known(flat_values(qfs::parameters(net)), qfs::row(after, t),
                              qfs::row(radii, t), 2.0) == "");
  }
}

TEST_CASE("Adam wants one gradient per value", "[hand]") {
  std::vector<float> w(3), g(2);
  CHECK_THAT(message_of([&] {
               qfs::Adam({{"fc1_weight", {w.size()}, w, g}}, {});
             }),
             QFS_CONTAINS("fc1_weight") && QFS_CONTAINS("one gradient per value"));
}

TEST_CASE("Adam wants the shape of the values", "[hand]") {
  std::vector<float> w(6), g(6);
  CHECK_NOTHROW(qfs::Adam({{"fc1_weight", {2, 3}, w, g}}, {}));
  CHECK_THAT(message_of([&] {
               qfs::Adam({{"fc1_weight", {2, 4}, w, g}}, {});
             }),
             QFS_CONTAINS("fc1_weight") && QFS_CONTAINS("another shape than values"));
}

TEST_CASE("both forward passes give one result within their rounding", "[prop]") {
  Mlp net = reference_net();
  const ReferenceBatch batch = reference_batch(2);
  qfs::MlpBuffers buffers;
  const Matrix<float>& blas = qfs::forward(net, batch.x, buffers);
  const Matrix<float> fixed_order = qfs::forward_ref(net, batch.x);
  // Sums of 50, 17 and 13 terms below 2 in magnitude: at worst (50 + 17 + 13) * 2^-24 * 50 * 2.
  CHECK(difference(blas, fixed_order, 5e-4) == "");
  const std::vector<double> exact = qfs::logits_in_double(net, qfs::row(batch.x, 0));
  for (std::size_t i = 0; i < exact.size(); ++i)
    CHECK(std::fabs(static_cast<double>(fixed_order(0, i)) - exact[i]) <= 5e-4);
}

TEST_CASE("McNemar's p by hand", "[hand]") {
  using qfs::mcnemar_p;
  CHECK(mcnemar_p(0, 0) == 1.0);
  CHECK(mcnemar_p(1, 1) == 1.0);
  CHECK(mcnemar_p(1, 0) == 1.0);                                    // 2 * 1/2
  CHECK(mcnemar_p(0, 5) == 2.0 / 32.0);                             // 2 * 1/32, exact in binary
  CHECK(std::fabs(mcnemar_p(2, 8) - 2.0 * 56.0 / 1024.0) < 1e-15);  // 1 + 10 + 45 = 56
  CHECK(mcnemar_p(8, 2) == mcnemar_p(2, 8));
  CHECK(std::fabs(mcnemar_p(3, 4) - 1.0) < 1e-15);  // 2 * (1 + 7 + 21 + 35) / 128 = 1
  CHECK(mcnemar_p(0, 3000) == 0.0);                 // 2^-2999 is no double
  CHECK(mcnemar_p(5000, 5000) == 1.0);
}

TEST_CASE("paired results count the digits that only one gets right", "[hand]") {
  const std::vector<std::uint8_t> labels = {1, 2, 3, 4, 5}, a = {1, 2, 0, 9, 5},
                                  b = {1, 0, 3, 8, 5};
  const qfs::PairedResult result = qfs::compare_classes(a, b, labels);
  CHECK(result.only_a == 1);
  CHECK(result.only_b == 1);
  CHECK(result.classes_differ == 3);
  CHECK(result.p == 1.0);
  // Only a is right on two digits, only b on one: 2 * (1 + 3) / 8 = 1.
  const std::vector<std::uint8_t> better = {1, 2, 3, 0, 0}, worse = {0, 0, 3, 4, 0};
  const qfs::PairedResult uneven = qfs::compare_classes(better, worse, labels);
  CHECK((uneven.only_a == 2 && uneven.only_b == 1 && uneven.classes_differ == 3));
  CHECK(uneven.p == 1.0);
  for (std::size_t size : {4U, 6U}) {  // of one prediction too few or too many, on either side
    const std::vector<std::uint8_t> wrong(size, 1);
    CHECK_THROWS_WITH(qfs::compare_classes(wrong, b, labels),
                      QFS_CONTAINS("one prediction per label"));
    CHECK_THROWS_WITH(qfs::compare_classes(a, wrong, labels),
                      QFS_CONTAINS("one prediction per label"));
  }
}

TEST_CASE("p as text has three digits, or is below a thousandth", "[hand]") {
  CHECK(qfs::p_text(1.0) == "1.000");
  CHECK(qfs::p_text(0.0123) == "0.012");
  CHECK(qfs::p_text(0.001) == "0.001");
  CHECK(qfs::p_text(0.000999) == "<0.001");
  CHECK(qfs::p_text(0.0) == "<0.001");
}

TEST_CASE("the row of a compared net", "[hand]") {
  // Twelve digits, of which `other` gets the first three right and the net the last eleven: only a
  // 1, only b 9, p = 2 * (1 + 10) / 1024 = 0.021. Wilson's interval of 11 of 12 is 64.61 to 98.51
  // %.
  const std::vector<std::uint8_t> labels(12, 7);
  std::vector<std::uint8_t> other(12, 0), classes(12, 7);
  for (std::size_t i = 0; i < 3; ++i) other[i] = 7;
  classes[0] = 1;
  qfs::Table table({"net", "right", "accuracy", "95 % interval", "only a", "only b", "p"}),
      expected = table;
  const qfs::PairedResult pair = qfs::add_compared(table, "int8", classes, &other, labels);
  CHECK((pair.only_a == 1 && pair.only_b == 9 && pair.classes_differ == 10));
  expected.row({"int8", "11", "91.67 %", "64.61 to 98.51", "1", "9", "0.021"});
  qfs::add_compared(table, "alone", classes, nullptr, labels);
  expected.row({"alone", "11", "91.67 %", "64.61 to 98.51", "-", "-", "-"});
  CHECK(table.text() == expected.text());
}

TEST_CASE("a mean over seeds and its interval", "[hand]") {
  // {1, 3}: mean 2, squares 1 + 1, sqrt(2 / 1 / 2) = 1. {1, 2, 3}: sqrt(2 / 2 / 3) = 1 / sqrt(3).
  // The text's five: deviations -0.8, 0.1, -0.2, 0.15, 0.75, squares 1.275, sqrt(1.275 / 20).
  const std::vector<double> two = {1.0, 3.0}, three = {1.0, 2.0, 3.0},
                            five = {93.15, 94.05, 93.75, 94.10, 94.70};
  CHECK(qfs::mean_interval(two).mean == 2.0);
  CHECK(qfs::mean_interval(two).half == 12.706);
  CHECK(qfs::mean_interval(three).mean == 2.0);
  CHECK(std::fabs(qfs::mean_interval(three).half - 4.303 / std::sqrt(3.0)) <= 1e-12);
  // Sums of five doubles near 100 and a square root: some ten roundings of 100 * 2^-53.
  CHECK(std::fabs(qfs::mean_interval(five).mean - 93.95) <= 1e-12);
  CHECK(std::fabs(qfs::mean_interval(five).half - 2.776 * std::sqrt(0.06375)) <= 1e-12);
  CHECK(qfs::text_of(qfs::mean_interval(five)) == "93.95 ± 0.70");
}

TEST_CASE("the interval of a mean has the t of its number of values", "[hand]") {
  // n values of which half are -1 and half 1 (n even): mean 0, sqrt(n / (n - 1) / n).
  const std::array<double, 5> t = {12.706, 3.182, 2.571, 2.365, 2.262};  // 2, 4, 6, 8, 10 values
  for (std::size_t i = 0; i < t.size(); ++i) {
    std::vector<double> values;
    for (std::size_t k = 0; k < 2 * (i + 1); ++k) values.push_back(k % 2 == 0 ? -1.0 : 1.0);
    const double n = static_cast<double>(values.size());
    CHECK(qfs::mean_interval(values).mean == 0.0);
    CHECK(std::fabs(qfs::mean_interval(values).half - t[i] / std::sqrt(n - 1.0)) <= 1e-12);
  }
  const std::vector<double> equal(7, 3.5), none, one = {1.0}, eleven(11, 1.0);
  CHECK(qfs::mean_interval(equal).mean == 3.5);
  CHECK(qfs::mean_interval(equal).half == 0.0);
  for (const std::vector<double>& values : {none, one, eleven})
    CHECK_THROWS_WITH(qfs::mean_interval(values), QFS_CONTAINS("2 to 10"));
  // An odd number: 1 and -1 four times each and 0: squares 8, sqrt(8 / 8 / 9).
  const std::vector<double> nine = {1, -1, 1, -1, 1, -1, 1, -1, 0},
                            seven = {1, -1, 1, -1, 1, -1, 0};
  CHECK(std::fabs(qfs::mean_interval(nine).half - 2.306 / 3.0) <= 1e-12);
  CHECK(std::fabs(qfs::mean_interval(seven).half - 2.447 / std::sqrt(7.0)) <= 1e-12);
}

TEST_CASE("a net's row of the closing table", "[hand]") {
  qfs::Rng rng(1);
  const qfs::Mlp net = qfs::make_mlp(std::array<std::size_t, 3>{5, 4, 10}, rng);
  const std::vector<std::uint8_t> classes = {1, 2, 0, 4}, labels = {1, 2, 3, 4},
                                  by_float = {1, 0, 9, 4};
  qfs::Options options;
  const qfs::ModelRow row = qfs::model_row("fp32", net, options, by_float, classes, labels);
  CHECK(row.model == "fp32");
  CHECK(row.net == "5-4-10");
  CHECK(row.accuracy == 0.75);
  CHECK(row.images == 4);
  CHECK(row.flips == 2);  // one of them between two wrong classes
  CHECK(row.bytes == 0);
  CHECK(row.latency_us.empty());
  CHECK(row.data == qfs::data_name(options));
  options.data_dir = "digits";
  CHECK(qfs::model_row("fp32", net, options, classes, classes, labels).data == "digits");
}

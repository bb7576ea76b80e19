// Section 5: a softmax before a cross-entropy that contains one already.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "04_mnist_mlp/lesson/study.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {
namespace {

// The gradients are right for what is computed, and every shape fits: nothing stops this mistake.
// [wrong]
float pass_with_softmax_twice(Mlp& net, const Matrix<float>& x,
                              std::span<const std::uint8_t> labels, MlpBuffers& buffers) {
  Matrix<float> p = forward(net, x, buffers);
  for (std::size_t m = 0; m < p.shape(0); ++m) softmax(row(p, m), row(p, m));
  Matrix<float>& gradient = buffers.gradients.back();
  const float loss = cross_entropy(p, labels, gradient);  // takes probabilities for logits
  // [/wrong]
  // Back through the softmax: the slope in logit i is p_i (g_i - sum p_j g_j).
  for (std::size_t m = 0; m < p.shape(0); ++m) {
    const std::span<float> g = row(gradient, m);
    float dot = 0.0F;
    for (std::size_t i = 0; i < g.size(); ++i) dot += p(m, i) * g[i];
    for (std::size_t i = 0; i < g.size(); ++i) g[i] = p(m, i) * (g[i] - dot);
  }
  backward(net, x, buffers);
  return loss;
}

struct Outcome {
  double lowest_loss = HUGE_VAL;  // of any batch
  std::vector<double> losses;     // of each epoch
  double share = 0.0;             // right on the test digits, at the end
};

// Both nets start from the same weights and see the same batches.
Outcome train_with(bool twice, const Dataset& data, int epochs, std::uint64_t seed) {
  Rng rng(seed);
  Mlp net = make_recipe_net(data.train, rng);
  MlpBuffers buffers;
  Outcome outcome;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    const float loss = twice ? pass_with_softmax_twice(net, x, labels, buffers)
                             : forward_backward(net, x, labels, buffers);
    outcome.lowest_loss = std::min(outcome.lowest_loss, static_cast<double>(loss));
    return loss;
  };
  const auto history =
      train(parameters(net), pass, data.train, {.epochs = epochs, .label = "what goes wrong"}, rng);
  for (const EpochResult& epoch : history) outcome.losses.push_back(epoch.loss);
  outcome.share = examine(net, normalized(data.test.pixels, 0, data.test.size()), data.test).share;
  return outcome;
}

}  // namespace

void mistakes(const Dataset& data, Lesson& lesson) {
  section(5, "What goes wrong: softmax, and then a cross-entropy that contains one");
  const int epochs = lesson.options.quick ? 1 : 3;
  const Outcome right = train_with(false, data, epochs, lesson.options.seed);
  const Outcome wrong = train_with(true, data, epochs, lesson.options.seed);
  const double floor = std::log(std::exp(1.0) + 9.0) - 1.0;
  std::printf(
      "  a net that is certain and right has the probabilities 1, 0, ..., 0;\n"
      "  taken for logits their loss is log(e + 9) - 1 = %.4f: no net gets below it\n",
      floor);
  const auto print = [&](const char* name, const Outcome& outcome) {
    std::printf("  %-13s  loss at the end %s, lowest batch %s, right %s %%\n", name,
                measured(outcome.losses.back(), 3).c_str(),
                measured(outcome.lowest_loss, 4).c_str(),
                measured(100.0 * outcome.share, 1).c_str());
  };
  print("softmax once", right);
  print("softmax twice", wrong);
  lesson.claims.expect(wrong.lowest_loss > floor - 1e-5,
                       "with two, no batch has a loss below the floor");
  lesson.report.figure("softmax_twice_share", wrong.share);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(right.losses.back() < 0.3,
                       "with one, the loss of the third epoch is below 0.3");
  lesson.claims.expect(wrong.share > 0.8 && wrong.share < right.share,
                       "with two the net learns, so it goes unnoticed, but more slowly");
}

}  // namespace qfs::ch04

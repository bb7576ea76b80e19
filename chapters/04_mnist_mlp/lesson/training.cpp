// Section 3: ten epochs, examined after each.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "04_mnist_mlp/lesson/study.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {
namespace {

Exam exam_of(const Matrix<float>& logits, const TestDigits& digits) {
  Matrix<float> gradient;  // of no use here
  const float loss = cross_entropy(logits, digits.labels, gradient);
  const std::size_t correct = count_correct(argmax_rows(logits), digits.labels);
  return {static_cast<double>(loss),
          static_cast<double>(correct) / static_cast<double>(digits.size())};
}

// What a net knows that has learned nothing. Returns its silent neurons.
std::size_t before_training(const Mlp& net, const TrainDigits& digits, const Matrix<float>& test_x,
                            const TestDigits& test, Lesson& lesson) {
  const Exam exam = examine_ref(net, test_x, test);
  std::printf("  before training: test loss %.4f, test digits right %.2f %%\n", exam.loss,
              100.0 * exam.share);
  if (lesson.options.is_default_run())
    lesson.claims.expect(std::fabs(exam.loss - std::log(10.0)) < 0.05,
                         "a net that knows nothing has a loss near log(10) = 2.3026");
  return count_silent(net.layers[0], digits.pixels);
}

// A row an epoch: its number, training loss, test loss, test digits right in %, seconds.
using Curve = std::vector<std::vector<double>>;

void report_curve(Curve curve, const Plan& plan, Lesson& lesson) {
  lesson.report.csv("curve", {"epoch", "train_loss", "test_loss", "test_percent", "seconds"},
                    curve);
  const double share = curve.back()[3] / 100.0, loss = curve.back()[1];
  lesson.report.figure("trained_accuracy", share);
  std::ranges::sort(curve, {}, [](const auto& epoch) { return epoch[4]; });
  lesson.report.figure("epoch_seconds", curve[curve.size() / 2][4]);
  if (!lesson.options.is_default_run() || !plan.is_recipe()) return;
  lesson.claims.expect(loss < 0.05, "the loss on the training digits falls below 0.05");
  lesson.claims.expect(share > 0.915 && share < 0.95,
                       "the trained net gets between 91.5 and 95 % of the test digits right");
}

}  // namespace

TrainDigits digits_to_learn(const TrainDigits& all, int count) {
  if (count == 0) return all;
  const auto size = static_cast<std::size_t>(count);
  require(size <= all.size(), "there are not so many training digits", size, all.size(),
          "give --digits a smaller number, or leave it out");
  return first_digits(all, size);
}

Exam examine(const Mlp& net, const Matrix<float>& x, const TestDigits& digits) {
  MlpBuffers buffers;
  return exam_of(forward(net, x, buffers), digits);
}

Exam examine_ref(const Mlp& net, const Matrix<float>& x, const TestDigits& digits) {
  return exam_of(forward_ref(net, x), digits);
}

Mlp training(const TrainDigits& digits, const TestDigits& test, const Plan& plan, Lesson& lesson) {
  section(3, "Training");
  Rng rng(lesson.options.seed);
  Mlp net = make_recipe_net(digits, rng);
  std::printf("  %s, %zu digits in batches of 32, Adam at 0.001, epochs: %d\n",
              widths_text(net).c_str(), digits.size(), plan.epochs);
  const Matrix<float> test_x = normalized(test.pixels, 0, test.size());
  const std::size_t silent = before_training(net, digits, test_x, test, lesson);
  Curve curve;
  const auto after_epoch = [&](const EpochResult& r) {
    const Exam exam = examine(net, test_x, test);
    std::printf("  epoch %2d: loss %s train, %s test; right %s %%, %s s\n", r.epoch,
                measured(r.loss, 4).c_str(), measured(exam.loss, 4).c_str(),
                measured(100.0 * exam.share, 2).c_str(), measured(r.seconds, 3).c_str());
    curve.push_back(
        {static_cast<double>(r.epoch), r.loss, exam.loss, 100.0 * exam.share, r.seconds});
  };
  train_mlp(net, digits, {.epochs = plan.epochs, .after_epoch = after_epoch}, rng);
  std::printf("  neurons of layer 1 that no training digit switches on: %zu before, %s after\n",
              silent,
              measured(static_cast<double>(count_silent(net.layers[0], digits.pixels)), 0).c_str());
  report_curve(std::move(curve), plan, lesson);
  return net;
}

}  // namespace qfs::ch04

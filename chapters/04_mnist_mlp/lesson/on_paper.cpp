// Section 2: the paper example, every number beside the one worked out by hand.
#include <cstdio>
#include <utility>
#include <vector>

#include "04_mnist_mlp/adam.hpp"
#include "04_mnist_mlp/gradient_check.hpp"
#include "04_mnist_mlp/lesson/paper_example.hpp"
#include "04_mnist_mlp/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {
namespace {

struct Step {
  std::vector<double> before, gradients, numeric, after;  // one number per parameter
  std::vector<std::string> names;
  double loss = 0.0, loss_after = 0.0;
};

// One forward pass, one backward pass and one step of Adam on the paper example.
Step one_step(Mlp& net, MlpBuffers& buffers) {
  Step step;
  const std::vector<ParamView> params = parameters(net);
  step.loss = static_cast<double>(forward_backward(net, paper::kX, paper::kLabels, buffers));
  for (const ParamView& param : params)
    for (std::size_t k = 0; k < param.values.size(); ++k) {
      step.names.push_back(param.name + "[" + std::to_string(k) + "]");
      step.before.push_back(static_cast<double>(param.values[k]));
      step.gradients.push_back(static_cast<double>(param.gradients[k]));
      step.numeric.push_back(numeric_gradient(net, param.values[k], paper::kX, paper::kLabels));
    }
  Adam adam(params, {.learning_rate = paper::kLearningRate});
  adam.step();
  for (const ParamView& param : params)
    step.after.insert(step.after.end(), param.values.begin(), param.values.end());
  step.loss_after = loss_in_double(net, paper::kX, paper::kLabels);
  return step;
}

// The table of "Check yourself": a choice of the numbers above, and PyTorch's.
void print_check(const Step& step) {
  Table table({"number", "by hand", "program", "PyTorch"});
  const auto add = [&](const std::string& name, double hand, double ours, double pytorch) {
    table.row({name, fixed(hand, 4), fixed(ours, 4), fixed(pytorch, 6)});
  };
  add("loss", paper::kLoss, step.loss, paper::kLossByPyTorch);
  for (std::size_t i : {0U, 1U, 6U, 11U})
    add("gradient of " + step.names[i], paper::kGradients[i], step.gradients[i],
        paper::kGradientsByPyTorch[i]);
  add(step.names[8] + " after the step", paper::kAfterStep[8], step.after[8],
      paper::kAfterStepByPyTorch[8]);
  add("loss after the step", paper::kLossAfterStep, step.loss_after,
      paper::kLossAfterStepByPyTorch);
  table.print();
}

bool near(double got, double expected, double bound) { return std::fabs(got - expected) <= bound; }

}  // namespace

void on_paper(Lesson& lesson) {
  section(2, "A 2-2-2 net on paper: one picture, one step");
  Mlp net = paper::make_net();
  MlpBuffers buffers;
  const Step step = one_step(net, buffers);
  const auto& activations = std::as_const(buffers.activations);
  std::vector<float> p(2);
  softmax(row(activations[1], 0), p);
  std::printf("  x = [1, 2], label 1; hidden h = %s, logits z = %s\n",
              list_text(row(activations[0], 0)).c_str(), list_text(row(activations[1], 0)).c_str());
  std::printf("  softmax p = [%.4f, %.4f], loss L = -log p[1] = %.4f\n", static_cast<double>(p[0]),
              static_cast<double>(p[1]), step.loss);
  Table table({"parameter", "value", "gradient", "by hand", "by (4.13)", "after Adam", "by hand"});
  bool as_by_hand = true, as_numeric = true, as_pytorch = true;
  for (std::size_t i = 0; i < step.names.size(); ++i) {
    as_by_hand = as_by_hand && near(step.gradients[i], paper::kGradients[i], 0.5e-4) &&
                 near(step.after[i], paper::kAfterStep[i], 1e-6);
    as_pytorch = as_pytorch && near(step.gradients[i], paper::kGradientsByPyTorch[i], 2e-6) &&
                 near(step.after[i], paper::kAfterStepByPyTorch[i], 2e-6);
    as_numeric = as_numeric && near(step.gradients[i], step.numeric[i], 1e-5);
    table.row({step.names[i], fixed(step.before[i], 4), fixed(step.gradients[i], 4),
               fixed(paper::kGradients[i], 4), fixed(step.numeric[i], 4), fixed(step.after[i], 4),
               fixed(paper::kAfterStep[i], 4)});
  }
  table.print();
  std::printf("  the same picture after the step: L = %.4f\n", step.loss_after);
  lesson.claims.expect(as_by_hand,
                       "all 12 gradients and all 12 steps are those worked out by hand");
  lesson.claims.expect(as_numeric, "and the gradients those of finite differences, within 1e-5");
  lesson.claims.expect(
      near(step.loss, paper::kLoss, 0.5e-4) && near(step.loss_after, paper::kLossAfterStep, 0.5e-4),
      "the loss falls from 1.3133 to 0.7339");
  print_check(step);
  lesson.claims.expect(as_pytorch && near(step.loss, paper::kLossByPyTorch, 2e-6) &&
                           near(step.loss_after, paper::kLossAfterStepByPyTorch, 2e-6),
                       "all gradients, steps and losses are PyTorch's, within 2e-6");
}

}  // namespace qfs::ch04

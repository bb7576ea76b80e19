// Section 7, for --trace: one neuron, one logit, one gradient, every number.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include "04_mnist_mlp/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {
namespace {

void print_line(const char* what, float value) {
  std::printf("  %-48s %.9g\n", what, static_cast<double>(value));
}

// The sum of one output of one layer, with its five largest terms; returns the output before ReLU.
float trace_output(const Linear& layer, std::size_t n, std::span<const float> x, const char* unit) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto term = [&](std::size_t k) { return x[k] * layer.weight(n, k); };
  std::ranges::sort(
      order, [&](std::size_t a, std::size_t b) { return std::fabs(term(a)) > std::fabs(term(b)); });
  std::printf("  the five largest of the %zu terms x[k] w[%zu][k]:\n", x.size(), n);
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 5); ++i)
    std::printf("    %s %3zu: %12.7f * %12.7f = %12.7f\n", unit, order[i],
                static_cast<double>(x[order[i]]), static_cast<double>(layer.weight(n, order[i])),
                static_cast<double>(term(order[i])));
  float sum = 0.0F;
  for (std::size_t k = 0; k < x.size(); ++k) sum += term(k);
  print_line("the sum of all, in order", sum);
  print_line("+ bias (eq. 4.1)", sum + layer.bias(n));
  return sum + layer.bias(n);
}

std::size_t largest_index(std::span<const float> values) {
  return static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
}

// The input of every layer, in fixed order.
std::vector<Matrix<float>> layer_inputs(const Mlp& net, const Matrix<float>& x) {
  std::vector<Matrix<float>> inputs = {x};
  for (std::size_t i = 0; i + 1 < net.layers.size(); ++i) {
    inputs.push_back(linear_forward_ref(net.layers[i], inputs[i]));
    relu_forward(inputs.back());
  }
  return inputs;
}

}  // namespace

void trace(const Mlp& net, const TestDigits& digits, const std::vector<std::uint8_t>& predicted) {
  section(7, "Trace: one neuron, one logit, one gradient");
  std::size_t which = 0;  // the first wrong digit, or the last of all
  while (which + 1 < digits.size() && predicted[which] == digits.labels[which]) ++which;
  const std::vector<std::uint8_t> labels = {digits.labels[which]};
  const std::size_t label = labels[0];
  const auto inputs = layer_inputs(net, normalized(digits.pixels, which, which + 1));
  const std::span<const float> into_last = row(inputs.back(), 0);
  std::printf("  test digit %zu, a %zu taken for a %d\n", which, label, predicted[which]);

  if (inputs.size() > 1) {
    const std::size_t n = largest_index(row(inputs[1], 0));
    std::printf("  neuron %zu of the first layer, its strongest for this digit\n", n);
    const float y = trace_output(net.layers[0], n, row(inputs[0], 0), "pixel");
    print_line("ReLU (eq. 4.2)", std::max(y, 0.0F));
  }
  std::printf("  the logit of class %zu\n", label);
  trace_output(net.layers.back(), label, into_last, "input");
  const Matrix<float> logits = linear_forward_ref(net.layers.back(), inputs.back());
  std::vector<float> p(logits.shape(1));
  softmax(row(logits, 0), p);
  Matrix<float> gradient;
  const float loss = cross_entropy(logits, labels, gradient);
  print_line("softmax (eq. 4.3)", p[label]);
  print_line("loss (eq. 4.4)", loss);
  print_line("dL/d(logit) = p - 1, for a batch of 1 (eq. 4.8)", gradient(0, label));
  const std::size_t k = largest_index(into_last);
  std::printf("  the weight on input %zu, the largest: %.9g\n", k,
              static_cast<double>(into_last[k]));
  print_line("dL/dw = dL/d(logit) * input (eq. 4.5)", gradient(0, label) * into_last[k]);
}

}  // namespace qfs::ch04

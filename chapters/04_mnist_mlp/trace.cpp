// Section 7 of the lesson, for --trace: one neuron, one logit, one gradient, every number.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include "04_mnist_mlp/sections.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

void print_line(const char* what, float value) {
  std::printf("  %-46s %.9g\n", what, static_cast<double>(value));
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

}  // namespace

void trace(const Mlp& net, const Dataset& data) {
  section(7, "Trace: one neuron, one logit, one gradient");
  const Matrix<float> x = normalized(data.test.pixels, 0, 1);
  const std::size_t label = data.test.labels[0], last = net.layers.size() - 1;
  std::vector<Matrix<float>> inputs = {x};  // of every layer, in fixed order
  for (std::size_t i = 0; i < last; ++i) {
    inputs.push_back(linear_forward_ref(net.layers[i], inputs[i]));
    relu_forward(inputs.back());
  }
  const Matrix<float> logits = linear_forward_ref(net.layers[last], inputs[last]);
  const std::span<const float> hidden =
      row(std::as_const(inputs[std::min<std::size_t>(1, last)]), 0);
  const auto n = last == 0
                     ? label
                     : static_cast<std::size_t>(std::ranges::max_element(hidden) - hidden.begin());
  std::printf("  the first test digit, class %zu; the strongest neuron of the first layer: %zu\n",
              label, n);
  const float y = trace_output(net.layers[0], n, row(x, 0), "pixel");
  if (last > 0) print_line("ReLU (eq. 4.2)", std::max(y, 0.0F));
  std::printf("  the logit of class %zu\n", label);
  trace_output(net.layers[last], label, row(std::as_const(inputs[last]), 0), "neuron");
  std::vector<float> p(logits.shape(1));
  softmax(row(logits, 0), p);
  print_line("softmax (eq. 4.3)", p[label]);
  Matrix<float> gradient;
  const std::vector<std::uint8_t> labels = {data.test.labels[0]};
  print_line("loss (eq. 4.4)", cross_entropy(logits, labels, gradient));
  print_line("dL/d(logit) = p - 1, a batch of 1 (eq. 4.8)", gradient(0, label));
  const float input = inputs[last](0, 0);
  std::printf("  weight [%zu][0] of the last layer: its input is %.9g, so\n", label,
              static_cast<double>(input));
  print_line("dL/dw = dL/d(logit) * input (eq. 4.5)", gradient(0, label) * input);
}

}  // namespace qfs

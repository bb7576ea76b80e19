// Section 9: three mistakes that compile, run, and print digits.
#include <cmath>

#include "04_mnist_mlp/mcnemar.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

// A table whose relu is max(q, 0): no u8 lies below 0, so it does nothing.
PackedNet with_relu_at_0(const QuantizedNet& net) {
  const std::span<const OperationKind> right = static_operations();
  std::vector<OperationKind> table(right.begin(), right.end());
  for (OperationKind& kind : table)
    if (kind.name == "relu")
      kind.pack = [](const QuantizedNet&, const Operation&, const Backend&) -> std::any {
        return std::uint8_t{0};
      };
  return pack(net, ref_backend(), table);
}

// Biases rounded to multiples of the output's scale.
PackedNet with_bias_of_output_scale(QuantizedNet net, const Mlp& mlp) {
  std::size_t i = 0;
  for (const Operation& operation : net.operations) {
    if (!operation.weights) continue;
    Vector<std::int32_t>& bias = net.weights[*operation.weights].bias;
    const float s_y = net.tensors[operation.output].params.scale;
    for (std::size_t n = 0; n < bias.size(); ++n)
      bias(n) = static_cast<std::int32_t>(std::nearbyint(mlp.layers[i].bias(n) / s_y));
    ++i;
  }
  return pack(net);
}

// The zero points' share of the bias (eq. 6.5) is added beforehand, so that folding takes it away.
PackedNet without_folding(QuantizedNet net) {
  for (const Operation& operation : net.operations) {
    if (!operation.weights) continue;
    Weights& weights = net.weights[*operation.weights];
    const Vector<std::int32_t> sums = row_sums(weights.weight.q);
    for (std::size_t n = 0; n < sums.size(); ++n)
      weights.bias(n) += net.tensors[operation.inputs[0]].params.zero_point * sums(n);
  }
  return pack(net);
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(9, "What goes wrong: integers that run, and are wrong");
  const auto& labels = study.data.test.labels;
  const std::pair<const char*, PackedNet> nets[] = {
      {"as it should be", pack(study.net)},
      {"ReLU as max(q, 0)", with_relu_at_0(study.net)},
      {"bias of scale s_y", with_bias_of_output_scale(study.net, study.mlp)},
      {"zero point of x not folded", without_folding(study.net)}};
  Table table({"", "right", "accuracy", "layer 1 changes", "logits change"});
  const NetBuffers expected = run_on_test_digits(nets[0].second, study.data.test);
  const std::vector<OperationParts> layers = layers_of(study.net);
  const std::size_t first = layers.front().operation.output, last = layers.back().operation.output;
  std::vector<std::size_t> correct;
  for (const auto& [name, net] : nets) {
    const NetBuffers tensors = run_on_test_digits(net, study.data.test);
    correct.push_back(count_correct(argmax_rows(tensors.f32.back()), labels));
    table.row({name, std::to_string(correct.back()), percent(correct.back(), labels.size()),
               std::to_string(count_different(tensors.u8[first], expected.u8[first])),
               std::to_string(count_different(tensors.u8[last], expected.u8[last]))});
  }
  table.print();
  if (lesson.options.is_default_run())
    lesson.claims.expect(correct[1] < correct[0] - 100 && correct[3] < correct[0] - 100 &&
                             correct[2] + 10 > correct[0],
                         "two mistakes show in the accuracy, the bias only in the integers");
}

}  // namespace qfs::ch06

#include "16_debugging/sensitivity.hpp"

#include <algorithm>

#include "03_fake_quantization/fake_quantize.hpp"
#include "07_layer_fusion/fuse.hpp"

namespace qfs {

// [quantize_partly]
PartlyQuantized quantize_partly(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                const InFloat& in_float) {
  const std::size_t layers = mlp.layers.size();
  require(2 <= bits && bits <= 8, "layers are quantized to 2 to 8 bits", bits, "2 to 8",
          "pass --bits 2 to --bits 8");
  require(in_float.size() == layers && intervals.outputs.size() == layers,
          "one choice and one interval for every layer", in_float.size(), layers,
          "calibrate this very net");
  require_after_relu(intervals);
  PartlyQuantized net{.mlp = mlp, .inputs = {}, .ranges = {}, .in_float = in_float};
  for (std::size_t i = 0; i < layers; ++i) {
    const Interval x = i == 0 ? intervals.input : intervals.outputs[i - 1];
    net.ranges.push_back(unsigned_range(i == 0 ? 8 : bits));
    net.inputs.push_back(choose_qparams(x.min, x.max, net.ranges[i]));
    if (in_float[i]) continue;
    const std::span<float> w = values(net.mlp.layers[i].weight);
    const Interval all = min_max(w);
    const QuantRange range = signed_range(bits);
    fake_quantize(w, choose_qparams(all.min, all.max, range, Scheme::symmetric), range, w);
  }
  return net;
}

Matrix<float> forward_ref(const PartlyQuantized& net, const Matrix<float>& x) {
  Matrix<float> y = x;
  for (std::size_t i = 0; i < net.mlp.layers.size(); ++i) {
    if (!net.in_float[i])
      fake_quantize(values(std::as_const(y)), net.inputs[i], net.ranges[i], values(y));
    y = linear_forward_ref(net.mlp.layers[i], y);
    if (i + 1 < net.mlp.layers.size()) relu_forward(y);
  }
  return y;
}
// [/quantize_partly]

double Cost::points() const {
  const double lost = static_cast<double>(pair.only_a) - static_cast<double>(pair.only_b);
  return 100.0 * lost / static_cast<double>(digits);  // (eq. 16.5)
}

ChoiceDigits::ChoiceDigits(const Mlp& mlp, const TrainDigits& digits, std::size_t count) {
  count = std::min(count, digits.size());
  require(count > 0, "a choice needs digits", count, "at least 1", "check --data");
  x_ = normalized(digits.pixels, 0, count);
  labels_.assign(digits.labels.begin(), digits.labels.begin() + static_cast<std::ptrdiff_t>(count));
  by_float_ = argmax_rows(forward_ref(mlp, x_));
}

Cost ChoiceDigits::cost(const PartlyQuantized& net) const {
  return {compare_classes(by_float_, argmax_rows(forward_ref(net, x_)), labels_), size()};
}

PairedResult ChoiceDigits::compare(const PartlyQuantized& a, const PartlyQuantized& b) const {
  return compare_classes(argmax_rows(forward_ref(a, x_)), argmax_rows(forward_ref(b, x_)), labels_);
}

// [rank]
std::vector<Sensitivity> rank_layers(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                     const ChoiceDigits& digits) {
  std::vector<Sensitivity> ranking;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    InFloat in_float(mlp.layers.size(), true);
    in_float[i] = false;
    ranking.push_back({i, digits.cost(quantize_partly(mlp, intervals, bits, in_float))});
  }
  std::ranges::stable_sort(ranking, [](const Sensitivity& a, const Sensitivity& b) {
    return a.cost.points() > b.cost.points();
  });
  return ranking;
}

std::vector<Step> leave_in_float(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                 double target, const ChoiceDigits& digits) {
  InFloat in_float(mlp.layers.size(), false);
  std::vector<Step> steps;
  for (const Sensitivity& next : rank_layers(mlp, intervals, bits, digits)) {
    steps.push_back({in_float, digits.cost(quantize_partly(mlp, intervals, bits, in_float))});
    if (steps.back().cost.points() <= target) return steps;
    in_float[next.layer] = true;
  }
  fail("the target cannot be met: with a single layer in " + std::to_string(bits) +
           " bits and all others in float more is lost",
       fixed(steps.back().cost.points(), 2) + " points", "at most " + fixed(target, 2) + " points",
       "take more --bits, or a larger --target");
}
// [/rank]

}  // namespace qfs

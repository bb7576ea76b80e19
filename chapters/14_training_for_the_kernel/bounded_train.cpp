#include "14_training_for_the_kernel/bounded_train.hpp"

#include "01_affine_math/granularity.hpp"

namespace qfs {
namespace {

void require_bound(const LaneBound& bound) {
  require(bound.x_max == 127 || bound.x_max == 255, "inputs have 7 bits or 8", bound.x_max,
          "127 or 255", "choose one of the two");
  require(bound.products >= 2 && bound.products % 2 == 0, "a lane gets its products in pairs",
          bound.products, "an even number", "choose 2, 4, 8, 16 or kThroughout");
}

int bits_of(const LaneBound& bound) {
  require_bound(bound);
  return bound.x_max == 127 ? 7 : 8;
}

QatOptions options_for(const LaneBound& bound) {
  return {.weight_bits = 8, .activation_bits = bits_of(bound), .scales = ScaleSource::learned};
}

float scale_of_row(const FakeQuantizer& q, std::size_t n) {
  return q.params[q.params.size() == 1 ? 0 : n].scale;
}

// The scale at which the average lane is full: its sums of either sign, in reals, over C
// (eq. 14.3).
float scale_of_full_lanes(const Linear& layer, const LaneBound& bound) {
  double sum = 0.0;
  std::size_t lanes = 0;
  for (std::size_t n = 0; n < layer.outputs(); ++n)
    for_each_lane(layer.inputs(), bound.products, [&](std::span<const std::size_t> lane) {
      for (std::size_t k : lane) sum += std::fabs(static_cast<double>(layer.weight(n, k)));
      lanes += 2;  // either sign
    });
  return static_cast<float>(sum / static_cast<double>(lanes) / lane_capacity(bound.x_max));
}

// By the scales of the pass that follows: Adam has moved them since the last.
void project(QatMlp& net, const LaneBound& bound) {
  for (QatLinear& layer : net.layers) {
    update_weight_scales(layer.weight, values(layer.real.weight), net.observing);
    for (std::size_t n = 0; n < layer.real.outputs(); ++n)
      project_row(row(layer.real.weight, n), scale_of_row(layer.weight, n), bound);
  }
}

void fit_integers(QatMlp& net, const LaneBound& bound) {
  for (QatLinear& layer : net.layers)
    for (std::size_t n = 0; n < layer.real.outputs(); ++n)
      fit_row(row(layer.real.weight, n), scale_of_row(layer.weight, n), layer.weight.range, bound);
}

}  // namespace

QatMlp make_bounded(const Mlp& mlp, const ActivationIntervals& intervals, const LaneBound& bound) {
  QatMlp net = make_qat(mlp, intervals, options_for(bound));
  net.input.range = unsigned_range(bits_of(bound));
  net.input.params = {choose_qparams(intervals.input.min, intervals.input.max, net.input.range)};
  for (QatLinear& layer : net.layers) {
    const float full = scale_of_full_lanes(layer.real, bound);
    for (std::size_t c = 0; c < layer.weight.params.size(); ++c) {
      float& initial = layer.weight.learned.initial[c];
      initial = std::max(initial, full);
      layer.weight.params[c].scale = initial;
    }
  }
  return net;
}

// [train_bounded]
std::vector<EpochResult> train_bounded(QatMlp& net, const TrainDigits& digits,
                                       const LaneBound& bound, TrainOptions training, Rng& rng) {
  require_bound(bound);
  QatPassBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    project(net, bound);
    return forward_backward(net, x, labels, buffers);
  };
  net.observing = true;
  auto history = train(parameters(net), pass, digits, training, rng);
  settle(net);
  project(net, bound);
  fit_integers(net, bound);
  return history;
}
// [/train_bounded]

bool fits_lanes(const QuantizedNet& net, const LaneBound& bound) {
  for (const Weights& weights : net.weights)
    for (std::size_t n = 0; n < weights.weight.outputs(); ++n)
      if (!fits_lanes(row(weights.weight.q, n), bound)) return false;
  return true;
}

}  // namespace qfs

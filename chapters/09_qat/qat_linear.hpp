// A Linear layer that is trained in the integers it will have: its input, its weights and its
// output go through fake quantizers.
//
// Symbols as in the text: w a weight that Adam moves, w' the same fake-quantized; b bits.
#pragma once

#include <bit>
#include <optional>

#include "04_mnist_mlp/layers.hpp"
#include "05_observers/observer.hpp"
#include "06_static_ptq/quantized_weight.hpp"
#include "09_qat/lsq.hpp"

namespace qfs {

// [fake_quantizer]
// Where a scale comes from.
enum class ScaleSource {
  frozen,    // calibration, before the first step; then it stays
  observed,  // watched in every step: weights by min-max, activations by moving average
  learned,   // LSQ
};

// The fake quantizer of one tensor.
struct FakeQuantizer {
  QuantRange range;
  ScaleSource source = ScaleSource::frozen;
  std::vector<QuantParams> params{};       // 1, or one per row
  MovingAverageMinMaxObserver observer{};  // of observed activations
  LearnedScales learned{};
  bool awaits_first_batch = false;  // learned, of activations: that batch gives the start
  float gradient_factor = 1.0F;     // g, where learned
  bool clip_mask = true;            // false: the mistake of chapter 03, to see what it does

  ParamLayout layout(std::size_t elements) const {
    const std::size_t inner = elements / params.size();
    return {.channels = params.size(), .inner = inner, .group_size = inner};
  }
};

// y = fake_quantize(x).
inline void forward(const FakeQuantizer& q, std::span<const float> x, std::span<float> y) {
  fake_quantize(x, q.layout(x.size()), q.params, q.range, y);
}

// dx = dy * mask, and the gradient of every learned scale. dx may be dy.
inline void backward(FakeQuantizer& q, std::span<const float> x, std::span<const float> dy,
                     std::span<float> dx) {
  if (q.source == ScaleSource::learned) {
    for_each_run(q.layout(x.size()), [&](std::size_t c, std::size_t begin, std::size_t length) {
      const float ds = lsq_backward_run(x.subspan(begin, length), dy.subspan(begin, length),
                                        make_steps(q.params[c], q.range), dx.subspan(begin, length),
                                        q.clip_mask);
      q.learned.take_gradient(c, ds, q.gradient_factor);
    });
  } else if (q.clip_mask) {
    fake_quantize_backward(x, dy, q.layout(x.size()), q.params, q.range, dx);
  } else if (dx.data() != dy.data()) {
    std::ranges::copy(dy, dx.begin());
  }
}
// [/fake_quantizer]

// The largest |w|. Without its sign bit a float orders as its bits do, so this is a maximum of
// integers, which vectorizes. Throws Error on NaN and infinity, whose bits are the largest of all.
inline float max_magnitude(std::span<const float> w) {
  std::int32_t largest = 0;
  for (float value : w)
    largest = std::max(largest, std::bit_cast<std::int32_t>(value) & 0x7fffffff);
  const float magnitude = std::bit_cast<float>(largest);
  require(std::isfinite(magnitude), "a weight is not finite", magnitude, "finite weights",
          "lower the learning rate, or look for NaN in the weights");
  return magnitude;
}

// [update_scales]
// The scales for weights as they are now (eq. 9.2): of observed ones max |w| over half the steps,
// of learned ones what Adam has made of them.
inline void update_weight_scales(FakeQuantizer& q, std::span<const float> w, bool observing) {
  const std::size_t channels = q.params.size(), inner = w.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    if (q.source == ScaleSource::learned) q.params[c].scale = q.learned.scale(c);
    if (q.source != ScaleSource::observed || !observing) continue;
    const float half_steps = static_cast<float>(q.range.qmax - q.range.qmin) / 2.0F;
    const float magnitude = max_magnitude(w.subspan(c * inner, inner));
    q.params[c] = {std::max(magnitude / half_steps, kSmallestScale), 0};  // as choose_qparams
  }
}

// The same for a batch of activations, which have one scale (eq. 9.3). The first batch that is not
// all zeros starts a learned one.
inline void update_activation_scale(FakeQuantizer& q, std::span<const float> x, bool observing) {
  if (q.source == ScaleSource::learned) {
    const float start = q.awaits_first_batch ? lsq_initial_scale(x, q.range) : 0.0F;
    if (start > kSmallestScale) {
      q.learned.initial[0] = start;
      q.awaits_first_batch = false;
    }
    q.params[0].scale = q.learned.scale(0);
  }
  if (q.source != ScaleSource::observed || !observing) return;
  q.observer.observe(x);
  const Interval seen = q.observer.interval();
  q.params = {choose_qparams(seen.min, seen.max, q.range)};
}
// [/update_scales]

// [qat_linear]
// Two copies of a layer: `real`, which Adam moves by tiny steps, and `fake`, whose weights lie on
// the grid and which computes (eq. 9.1).
struct QatLinear {
  Linear real, fake;
  FakeQuantizer weight, output;
  bool relu = true;  // between the product and the output's quantizer: fused, as in chapter 07
};

// What a layer's forward pass leaves for its backward pass.
struct QatBuffers {
  Matrix<float> before;    // the output before its quantizer, after ReLU
  Matrix<float> after;     // and after it: the next layer's input
  Matrix<float> gradient;  // dL/d(after), in the end dL/d(the product)
};

inline void qat_forward(QatLinear& layer, const Matrix<float>& x, bool observing,
                        QatBuffers& buffers) {
  update_weight_scales(layer.weight, values(layer.real.weight), observing);
  forward(layer.weight, values(layer.real.weight), values(layer.fake.weight));
  std::ranges::copy(values(layer.real.bias), values(layer.fake.bias).begin());
  linear_forward(layer.fake, x, buffers.before);
  if (layer.relu) relu_forward(buffers.before);
  update_activation_scale(layer.output, values(buffers.before), observing);
  fit_shape(buffers.after, x.shape(0), layer.real.outputs());
  forward(layer.output, values(buffers.before), values(buffers.after));
}

// From dL/d(after) in buffers.gradient to the gradients of the real weights and biases, and to
// dL/dx in *x_gradient (null for the first layer).
inline void qat_backward(QatLinear& layer, const Matrix<float>& x, QatBuffers& buffers,
                         Matrix<float>* x_gradient) {
  const std::span<float> gradient = values(buffers.gradient);
  backward(layer.output, values(buffers.before), gradient, gradient);
  if (layer.relu) relu_backward(buffers.before, buffers.gradient);
  linear_backward(layer.fake, x, buffers.gradient, x_gradient);
  backward(layer.weight, values(layer.real.weight), values(layer.fake.weight_gradient),
           values(layer.real.weight_gradient));
  std::ranges::copy(values(layer.fake.bias_gradient), values(layer.real.bias_gradient).begin());
}
// [/qat_linear]

}  // namespace qfs

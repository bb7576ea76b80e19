// Learned step size (LSQ; Esser et al., 2019): the scale is a parameter with a gradient of its own,
// trained together with the weights.
//
// Symbols as in the text: v the tensor, s its scale, t = v / s, r = t rounded, low and high the
// ends of r (qmin - z and qmax - z), N the number of elements, Q = qmax.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "03_fake_quantization/fake_quantize.hpp"

namespace qfs {

// [lsq_start]
// s = 2 mean|v| / sqrt(Q), before the first step (eq. 9.6). No smaller than any other scale: all
// zeros have one, too.
inline float lsq_initial_scale(std::span<const float> v, QuantRange range) {
  min_max(v);  // refuses an empty tensor, NaN and infinity
  double sum = 0.0;
  for (float value : v) sum += static_cast<double>(std::fabs(value));
  const double mean = sum / static_cast<double>(v.size());
  return std::max(static_cast<float>(2.0 * mean / std::sqrt(static_cast<double>(range.qmax))),
                  kSmallestScale);
}

// g = 1 / sqrt(N Q): makes the slope by s as small, beside s, as that by a weight is beside the
// weight (eq. 9.5).
inline float lsq_gradient_factor(std::size_t count, QuantRange range) {
  return static_cast<float>(
      1.0 / std::sqrt(static_cast<double>(count) * static_cast<double>(range.qmax)));
}
// [/lsq_start]

// [lsq_backward]
// dL/ds, without g (eq. 9.4): the sum of dy (r - t) where the clip mask is 1, of dy low or dy high
// where v was clamped. dx is that of chapter 03; without the clip mask, dy as it is. Eight partial
// sums, because one after the other would not vectorize; their order is fixed. x, dy and dx have
// one length; dx may be dy.
inline float lsq_backward_run(std::span<const float> x, std::span<const float> dy, FakeQuantSteps k,
                              std::span<float> dx, bool clip_mask = true) {
  constexpr std::size_t kLanes = 8;
  const float below = k.low - 1.0F, above = k.high + 1.0F;
  float sums[kLanes] = {};
  const auto element = [&](std::size_t i, std::size_t lane) {
    const float t = x[i] * k.inv_scale;
    const float r = round_fast(std::min(std::max(t, below), above));
    const float mask = (r >= k.low ? 1.0F : 0.0F) * (r <= k.high ? 1.0F : 0.0F);
    const float slope = std::min(std::max(r, k.low), k.high) - mask * t;
    sums[lane] += dy[i] * slope;
    if (clip_mask) dx[i] = dy[i] * mask;
  };
  const std::size_t whole = x.size() - x.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) element(i + lane, lane);
  for (std::size_t i = whole; i < x.size(); ++i) element(i, 0);
  if (!clip_mask && dx.data() != dy.data()) std::copy(dy.begin(), dy.end(), dx.begin());
  float sum = 0.0F;
  for (float partial : sums) sum += partial;
  return sum;
}
// [/lsq_backward]

// [learned_scales]
// What Adam moves is the ratio of a scale to the one it started from: s = initial * ratio (eq.
// 9.7). Adam steps by about its learning rate, however small the number it moves: a scale of 0.002
// would not survive a step of 0.001, a ratio of 1 becomes 0.999.
struct LearnedScales {
  std::vector<float> initial, ratio, ratio_gradient;  // one per channel

  void start(std::vector<float> scales) {
    initial = std::move(scales);
    ratio.assign(initial.size(), 1.0F);
    ratio_gradient.assign(initial.size(), 0.0F);
  }
  // No smaller than any other scale. Throws Error where training has driven it to 0 or below, or to
  // NaN: no integers are left.
  float scale(std::size_t channel) const {
    const float s = initial[channel] * ratio[channel];
    require(std::isfinite(s) && s > 0.0F, "a learned scale has left the positive numbers", s,
            "above 0 and finite", "lower the learning rate");
    return std::max(s, kSmallestScale);
  }
  void take_gradient(std::size_t channel, float scale_gradient, float factor) {
    ratio_gradient[channel] = scale_gradient * factor * initial[channel];
  }
};
// [/learned_scales]

}  // namespace qfs

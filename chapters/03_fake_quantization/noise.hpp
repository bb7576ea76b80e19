// What quantization does to a signal: rounding noise, clipping noise, and the clip threshold, which
// trades the one for the other.
//
// Symbols as in the text: s scale (the step), T clip threshold, b bits, SQNR in decibels. The
// theory speaks of signals of variance 1, so T is in standard deviations.
#pragma once

#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include "01_affine_math/errors.hpp"
#include "03_fake_quantization/fake_quantize.hpp"

namespace qfs {

// [rounding_noise]
// The mean squared error of rounding to multiples of `step`, the error uniform (eq. 3.5).
inline double rounding_noise(double step) { return step * step / 12.0; }
// [/rounding_noise]

// Mean squared error, split by the side of the threshold on which the number lies: |x| <= T or > T.
struct ClippedNoise {
  double rounding = 0.0;
  double clipping = 0.0;
  double total() const { return rounding + clipping; }
};

// The symmetric quantizer whose largest integer stands for T: [-T, T] in 2 * qmax steps.
inline QuantParams clip_at(float threshold, QuantRange range) {
  require(range.qmin == -range.qmax, "clip_at needs a range that is its own mirror image",
          range.qmin, -range.qmax, "use narrow_range(bits)");
  require(threshold > 0.0F, "a clip threshold must be positive", threshold, "a number above 0",
          "check that the tensor is not all zero");
  return {threshold / static_cast<float>(range.qmax), 0};
}

// [measure_noise]
// Measured: fake-quantize x, clipped at T; the mean squared error of each side.
inline ClippedNoise measure_noise(std::span<const float> x, float threshold, QuantRange range) {
  std::vector<float> y(x.size());
  fake_quantize(x, clip_at(threshold, range), range, y);
  double rounding = 0.0, clipping = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    const bool within = std::fabs(x[i]) <= threshold;
    rounding += within ? error * error : 0.0;
    clipping += within ? 0.0 : error * error;
  }
  const double n = static_cast<double>(x.size());
  return {rounding / n, clipping / n};
}
// [/measure_noise]

// [theory]
// Theory for variance 1: uniform rounding noise for the share of the signal within T (eq. 3.7), and
// the mean of (|x| - T)^2 beyond it (eq. 3.8 for Laplace, eq. 3.9 for Gauss).
inline ClippedNoise laplace_noise(double threshold, QuantRange range) {
  const double outside = std::exp(-std::numbers::sqrt2 * threshold);  // P(|x| > T)
  const double within = rounding_noise(threshold / range.qmax) * (1.0 - outside);
  return {within, outside};
}
inline ClippedNoise normal_noise(double threshold, QuantRange range) {
  const double t = threshold;
  const double outside = std::erfc(t / std::numbers::sqrt2);  // P(|x| > T)
  const double density = std::exp(-t * t / 2.0) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  const double within = rounding_noise(threshold / range.qmax) * (1.0 - outside);
  return {within, (1.0 + t * t) * outside - 2.0 * t * density};
}
// [/theory]

// x fake-quantized with one symmetric scale per tensor, channel or group, each from the largest
// magnitude of its own numbers (eq. 1.7).
inline std::vector<float> fake_quantize_min_max(std::span<const float> x, const ParamLayout& layout,
                                                QuantRange range) {
  const std::vector<QuantParams> params =
      choose_qparams(min_max_per_param(x, layout), range, Scheme::symmetric);
  std::vector<float> y(x.size());
  fake_quantize(x, layout, params, range, y);
  return y;
}

}  // namespace qfs

// The scale of weights: of the largest, or of the least squared error.
//
// Symbols as in the text: w a weight, s its scale, b bits. Weights are symmetric: zero point 0.
#pragma once

#include <algorithm>
#include <vector>

#include "01_affine_math/granularity.hpp"
#include "03_fake_quantization/fake_quantize.hpp"
#include "06_static_ptq/quantized_weight.hpp"

namespace qfs {

// One scale for the matrix, or one per output (a row).
inline ParamLayout layout_of(const Matrix<float>& weight, WeightGranularity granularity) {
  const bool per_channel = granularity == WeightGranularity::per_channel;
  return make_layout(
      shape_of(weight),
      {per_channel ? GranularityKind::per_channel : GranularityKind::per_tensor, 0, 0});
}

// From the largest magnitude of each (eq. 1.7): nothing is clamped by more than half a step.
inline std::vector<QuantParams> min_max_params(const Matrix<float>& weight, QuantRange range,
                                               WeightGranularity granularity) {
  return choose_qparams(min_max_per_param(values(weight), layout_of(weight, granularity)), range,
                        Scheme::symmetric);
}

// [squared_error]
// The sum of (w^ - w)^2 over neighbours that share one scale (eq. 18.3).
inline double squared_error(std::span<const float> w, QuantParams p, QuantRange range) {
  std::vector<float> rounded(w.size());
  fake_quantize(w, p, range, rounded);
  double sum = 0.0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double error = static_cast<double>(rounded[i]) - static_cast<double>(w[i]);
    sum += error * error;
  }
  return sum;
}
// [/squared_error]

// [least_error_params]
// Of 1 %, 2 %, ..., 100 % of the scale by min-max the one with the least squared error; of equal
// ones the largest. So the weights' error is never above min-max's, and zeros keep that scale.
inline constexpr int kCandidates = 100;

inline std::vector<QuantParams> least_error_params(const Matrix<float>& weight, QuantRange range,
                                                   WeightGranularity granularity) {
  std::vector<QuantParams> best = min_max_params(weight, range, granularity);
  const std::size_t length = weight.size() / best.size();
  for (std::size_t c = 0; c < best.size(); ++c) {
    const std::span<const float> w = values(weight).subspan(c * length, length);
    const float largest = best[c].scale;
    double least = squared_error(w, best[c], range);
    for (int percent = kCandidates - 1; percent > 0; --percent) {
      const QuantParams candidate = {
          largest * static_cast<float>(percent) / static_cast<float>(kCandidates), 0};
      const double error = squared_error(w, candidate, range);
      if (error < least) {
        least = error;
        best[c] = candidate;
      }
    }
  }
  return best;
}
// [/least_error_params]

}  // namespace qfs

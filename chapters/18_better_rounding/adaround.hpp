// AdaRound (Nagel and others, 2020): learn for every weight whether it is rounded down or up.
//
// Symbols as in the text: V a real per weight, h(V) in [0, 1] what is added to the lower neighbour,
// zeta and gamma the ends to which the sigmoid is stretched, beta the exponent of the regularizer.
#pragma once

#include "06_static_ptq/quantized_weight.hpp"
#include "18_better_rounding/moments.hpp"

namespace qfs {

// [rectified_sigmoid]
inline constexpr float kZeta = 1.1F, kGamma = -0.1F;

// h(V) = clip(sigmoid(V) (zeta - gamma) + gamma, 0, 1) (eq. 18.8), and its slope: 0 where it is
// clipped, so that a weight that has arrived stays.
struct Rectified {
  float h = 0.0F, slope = 0.0F;
};
Rectified rectified_sigmoid(float V);

// The V with h(V) = share, 0 <= share < 1: where training starts.
float rectified_sigmoid_inverse(float share);
// [/rectified_sigmoid]

// e^x for |x| <= 80, within 3e-7 of the true value, relative; x is clamped to that. By + - * alone,
// so that AdaRound's integers are the same on every machine.
float portable_exp(float x);

// [adaround_options]
struct AdaRoundOptions {
  int steps = 200;
  int free_steps = 40;  // before the regularizer begins
  double learning_rate = 0.1;
  float strength = 30.0F;  // lambda: of the regularizer, beside the mean cost of rounding a weight
};
// [/adaround_options]

// The regularizer's exponent in step t = 0, 1, ...: 0 (none yet), then 20, 18, ..., 2, each for as
// many steps as the others, as nearly as can be. Even, so that a power is a few products. Throws
// Error unless at least one step is not free.
int beta_at(int t, const AdaRoundOptions& options);

// Minimizes the squared error of the layer's outputs over V (eq. 18.9), by Adam; then every weight
// goes where h(V) is nearer, up where V >= 0. Each integer is one of the weight's two neighbours,
// clamped to the range. params: one pair or one per row, zero point 0. Throws Error where a weight
// is not finite, the shapes do not fit, or every input is dead.
QuantizedWeight adaround(const Matrix<float>& weight, std::span<const QuantParams> params,
                         QuantRange range, const Moments& moments, const AdaRoundOptions& options);

}  // namespace qfs

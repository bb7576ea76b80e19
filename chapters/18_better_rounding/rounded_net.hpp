// A whole net rounded, layer by layer: which scales, which rounding, which biases.
#pragma once

#include "05_observers/calibrate.hpp"
#include "18_better_rounding/adaround.hpp"
#include "18_better_rounding/gptq.hpp"

namespace qfs {

// [paper]
// Paper, a pixel of 0, is -0.424 once normalized. The input of this chapter's nets is what is above
// it, ink: 0 where there is none. The net that takes ink has the same weights; b_1 takes up the
// constant (eq. 18.11).
Matrix<float> ink(Matrix<float> normalized);
Mlp takes_ink(Mlp mlp);
// [/paper]

// [rounding_options]
enum class ScaleChoice { min_max, least_error };
enum class RoundingMethod { nearest, gptq, adaround };

struct RoundingOptions {
  int bits = 3;
  WeightGranularity weights = WeightGranularity::per_channel;
  ScaleChoice scales = ScaleChoice::min_max;
  RoundingMethod method = RoundingMethod::nearest;
  bool correct_biases = false;
  double damping = kDamping;
  AdaRoundOptions adaround{};
};

struct RoundedNet {
  std::vector<QuantizedWeight> weights;  // a layer each
  Mlp net;                               // with the reals these integers stand for; takes ink
};
// [/rounding_options]

// The reals that the integers stand for, N x K.
Matrix<float> dequantized(const QuantizedWeight& weight);

// Weights alone are rounded, activations stay float. `mlp` takes ink. A layer's calibration inputs
// are those of the net rounded so far, so that it can make good what was lost before it.
RoundedNet round_net(const Mlp& mlp, const CalibrationSet& digits, const RoundingOptions& options);

}  // namespace qfs

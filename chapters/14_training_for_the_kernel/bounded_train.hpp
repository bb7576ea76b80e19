// Chapter 09's training with two things more: before every pass the weights are brought back to
// where their lanes fit; after the last their integers are made to fit.
#pragma once

#include "06_static_ptq/quantized_net.hpp"
#include "09_qat/qat_train.hpp"
#include "14_training_for_the_kernel/lane_bound.hpp"

namespace qfs {

// make_qat, with inputs of x_max + 1 values, and scales from which the bound is within reach: at
// least so large that an average lane fits. Throws Error unless x_max is 127 or 255, and where
// `products` is odd or below 2.
QatMlp make_bounded(const Mlp& mlp, const ActivationIntervals& intervals, const LaneBound& bound);

// Trains; afterwards every lane of every layer fits, in the integers that convert() makes.
std::vector<EpochResult> train_bounded(QatMlp& net, const TrainDigits& digits,
                                       const LaneBound& bound, TrainOptions training, Rng& rng);

// Whether every lane of every layer's weights fits.
bool fits_lanes(const QuantizedNet& net, const LaneBound& bound);

}  // namespace qfs

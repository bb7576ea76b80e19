// The measurements of the lesson: which reals an interval leaves outside.
#pragma once

#include <vector>

#include "05_observers/calibrate.hpp"

namespace qfs {

// The tensors of a net in the order in which they need a scale: the input, and the output of every
// layer at `point`, for all digits of `pixels`. Added in fixed order.
std::vector<Matrix<float>> activations(const Mlp& mlp, const Matrix<std::uint8_t>& pixels,
                                       OutputPoint point);

// The share of the elements of x outside the interval: what will be clamped.
double share_outside(const Matrix<float>& x, Interval interval);

// "input", "layer 1", ...
std::vector<std::string> tensor_names(const Mlp& mlp);

// The interval of the input, then those of the outputs, as one list in the order of activations().
std::vector<Interval> in_order(const ActivationIntervals& intervals);

}  // namespace qfs

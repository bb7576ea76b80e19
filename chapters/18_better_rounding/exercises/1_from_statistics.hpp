// Exercise 18.1: bias correction without a single digit.
//
// Suppose that of each input of a layer you know no digit, but the mean mu_k and the standard
// deviation sigma_k before the ReLU (chapter 20's batch normalization keeps such numbers). Take
// that input as Gaussian. Behind the ReLU its mean is
//
//   E[max(y, 0)] = sigma phi(mu / sigma) + mu Phi(mu / sigma),
//
// phi(t) = exp(-t^2 / 2) / sqrt(2 pi) the density and Phi(t) = erfc(-t / sqrt(2)) / 2 the
// distribution of the normal. sigma may be 0: then y is always mu.
//
// Write relu_mean, in double; and corrected_bias, (eq. 18.4) with these means: the bias of an
// output whose weights `real` have become `rounded`. All spans have one length. Sum in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

inline double relu_mean([[maybe_unused]] double mu, [[maybe_unused]] double sigma) {
  // TODO: the mean behind the ReLU.
  qfs::not_written_yet("18.1: relu_mean");
}

inline float corrected_bias([[maybe_unused]] float bias,
                            [[maybe_unused]] std::span<const float> rounded,
                            [[maybe_unused]] std::span<const float> real,
                            [[maybe_unused]] std::span<const double> mu,
                            [[maybe_unused]] std::span<const double> sigma) {
  // TODO: the bias that takes the mean error back.
  qfs::not_written_yet("18.1: corrected_bias");
}

}  // namespace exercise

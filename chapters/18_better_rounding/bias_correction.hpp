// Bias correction: a rounded layer is wrong on the average; its bias takes that back.
#pragma once

#include <vector>

#include "04_mnist_mlp/layers.hpp"

namespace qfs {

// The mean of every column of x (one row a digit), K numbers. Throws Error where there is no row or
// a number is not finite.
inline std::vector<double> mean_input(const Matrix<float>& x) {
  require(x.shape(0) > 0, "a mean needs a row", x.shape(0), "at least 1",
          "pass the inputs of some calibration digits");
  std::vector<double> mean(x.shape(1), 0.0);
  for (std::size_t r = 0; r < x.shape(0); ++r)
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += static_cast<double>(x(r, k));
  for (double& value : mean) {
    value /= static_cast<double>(x.shape(0));
    require(std::isfinite(value), "the mean input is not finite", value, "finite activations",
            "look for NaN or infinity in the net's activations");
  }
  return mean;
}

// [correct_bias]
// b_n -= sum over k of (w^_nk - w_nk) mean_k (eq. 18.4): afterwards the layer's mean output, over
// the digits of that mean, is what `real` makes of them. `rounded` holds w^, in the shape of w.
inline void correct_bias(Linear& rounded, const Matrix<float>& real, std::span<const double> mean) {
  require_same_shape(rounded.weight, real, "correct_bias");
  require(mean.size() == real.shape(1), "correct_bias: one mean per input", mean.size(),
          real.shape(1), "take the mean of this very layer's inputs");
  for (std::size_t n = 0; n < real.shape(0); ++n) {
    double shift = 0.0;
    for (std::size_t k = 0; k < mean.size(); ++k)
      shift +=
          (static_cast<double>(rounded.weight(n, k)) - static_cast<double>(real(n, k))) * mean[k];
    rounded.bias(n) = static_cast<float>(static_cast<double>(rounded.bias(n)) - shift);
  }
}
// [/correct_bias]

}  // namespace qfs

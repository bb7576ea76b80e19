// Is a gradient right? Move one parameter a little and look at the loss.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"

namespace qfs {

// Logits of one picture in double precision, by plain loops that share nothing with layers.hpp.
inline std::vector<double> logits_in_double(const Mlp& mlp, std::span<const float> picture) {
  std::vector<double> x(picture.begin(), picture.end());
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Linear& layer = mlp.layers[i];
    std::vector<double> y;
    for (std::size_t n = 0; n < layer.outputs(); ++n) {
      double sum = layer.bias(n);
      for (std::size_t k = 0; k < layer.inputs(); ++k) sum += x[k] * layer.weight(n, k);
      y.push_back(i + 1 < mlp.layers.size() ? std::fmax(sum, 0.0) : sum);
    }
    x = y;
  }
  return x;
}

// The mean cross-entropy of a batch in double precision.
inline double loss_in_double(const Mlp& mlp, const Matrix<float>& x,
                             std::span<const std::uint8_t> labels) {
  double loss = 0.0;
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    const std::vector<double> z = logits_in_double(mlp, row(x, m));
    double sum = 0.0;
    for (double value : z) sum += std::exp(value - z[labels[m]]);
    loss += std::log(sum);
  }
  return loss / static_cast<double>(x.shape(0));
}

// [numeric_gradient]
// (L(w + delta) - L(w - delta)) / (2 delta) for one parameter w of the net (eq. 4.13), which is
// left as it was. The error is delta^2 / 6 times the third derivative, unless a ReLU switches.
inline double numeric_gradient(const Mlp& mlp, float& w, const Matrix<float>& x,
                               std::span<const std::uint8_t> labels, float delta = 1.0F / 16384) {
  const float before = w, above = before + delta, below = before - delta;
  w = above;
  const double loss_above = loss_in_double(mlp, x, labels);
  w = below;
  const double loss_below = loss_in_double(mlp, x, labels);
  w = before;
  return (loss_above - loss_below) / (static_cast<double>(above) - static_cast<double>(below));
}
// [/numeric_gradient]

}  // namespace qfs

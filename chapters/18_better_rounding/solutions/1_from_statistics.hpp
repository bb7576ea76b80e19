// Exercise 18.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace exercise {

// [solution]
inline double relu_mean(double mu, double sigma) {
  if (sigma == 0.0) return std::max(mu, 0.0);
  const double t = mu / sigma;
  const double density = std::exp(-t * t / 2.0) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  return sigma * density + mu * std::erfc(-t / std::numbers::sqrt2) / 2.0;
}

inline float corrected_bias(float bias, std::span<const float> rounded, std::span<const float> real,
                            std::span<const double> mu, std::span<const double> sigma) {
  double shift = 0.0;
  for (std::size_t k = 0; k < mu.size(); ++k)
    shift += (static_cast<double>(rounded[k]) - static_cast<double>(real[k])) *
             relu_mean(mu[k], sigma[k]);
  return static_cast<float>(static_cast<double>(bias) - shift);
}
// [/solution]

}  // namespace exercise

// Exercise 9.1, solved.
#pragma once

#include <algorithm>
#include <span>

#include "09_qat/lsq.hpp"

namespace exercise {

// [solution]
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  const float s = alpha / static_cast<float>((1 << bits) - 1);
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = s * qfs::round_fast(std::min(std::max(x[i], 0.0F), alpha) / s);
}

inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    dx[i] = x[i] > 0.0F && x[i] < alpha ? dy[i] : 0.0F;
    if (x[i] >= alpha) sum += static_cast<double>(dy[i]);
  }
  return sum;
}
// [/solution]

}  // namespace exercise

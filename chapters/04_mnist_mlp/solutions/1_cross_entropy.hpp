// Exercise 4.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

// [solution]
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  const float B = static_cast<float>(labels.size());
  float loss = 0.0F;
  for (std::size_t m = 0; m < labels.size(); ++m) {
    const std::span<const float> z = logits.subspan(m * classes, classes);
    const std::span<float> g = gradient.subspan(m * classes, classes);
    const float largest = *std::max_element(z.begin(), z.end());
    float sum = 0.0F;
    for (std::size_t i = 0; i < classes; ++i) sum += std::exp(z[i] - largest);
    loss += std::log(sum) - (z[labels[m]] - largest);
    for (std::size_t i = 0; i < classes; ++i) {
      const float p = std::exp(z[i] - largest) / sum;
      g[i] = (p - (i == labels[m] ? 1.0F : 0.0F)) / B;
    }
  }
  return loss / B;
}
// [/solution]

}  // namespace exercise

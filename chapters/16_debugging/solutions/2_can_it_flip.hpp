// Exercise 16.2, solved.
#pragma once

#include <algorithm>
#include <span>

#include "common/tensor.hpp"

namespace exercise {

// [solution]
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    const double reach = 2.0 * static_cast<double>(d);
    if (k != top && (margin < reach || (margin == reach && k < top))) return true;
  }
  return false;
}

inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
// [/solution]

}  // namespace exercise

// Exercise 4.4, solved.
#pragma once

#include <algorithm>
#include <cstddef>

namespace exercise {

// [solution]
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b, k = std::min(only_a, only_b);
  double term = 1.0, lower = 0.0, all = 0.0;
  for (std::size_t left = n / 2 + 1; left > 0; --left) {
    const std::size_t i = left - 1;
    all += 2 * i == n ? term : 2.0 * term;
    if (i <= k) lower += term;
    term *= static_cast<double>(i) / static_cast<double>(n - i + 1);
  }
  return std::min(1.0, 2.0 * lower / all);
}
// [/solution]

}  // namespace exercise

// Exercise 4.3, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace exercise {

struct Interval {
  double low = 0.0, high = 0.0;
};

enum class Verdict { a_is_better, b_is_better, cannot_say };

// [solution]
inline Interval wilson(std::size_t correct, std::size_t total) {
  const double z = 1.959964, n = static_cast<double>(total), p = static_cast<double>(correct) / n;
  const double shrink = 1.0 + z * z / n;
  const double middle = (p + z * z / (2.0 * n)) / shrink;
  const double half = z / shrink * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
  return {std::max(middle - half, 0.0), std::min(middle + half, 1.0)};
}

inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  const Interval of_a = wilson(a, total), of_b = wilson(b, total);
  if (of_a.low > of_b.high) return Verdict::a_is_better;
  if (of_b.low > of_a.high) return Verdict::b_is_better;
  return Verdict::cannot_say;
}
// [/solution]

}  // namespace exercise

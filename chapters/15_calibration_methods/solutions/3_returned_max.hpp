// Exercise 15.3, solved.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace exercise {

// [solution]
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  const auto end = counts.begin() + static_cast<std::ptrdiff_t>(i);
  std::vector<double> p(counts.begin(), end), sum(levels, 0.0), members(levels, 0.0);
  for (std::size_t j = 0; j < i; ++j) {
    sum[j * levels / i] += p[j];
    members[j * levels / i] += p[j] > 0.0 ? 1.0 : 0.0;
  }
  const double inside = std::accumulate(p.begin(), p.end(), 0.0);
  const double beyond = std::accumulate(end, counts.end(), 0.0);
  const bool last_is_empty = p[i - 1] == 0.0;
  if (inside == 0.0 || (last_is_empty && beyond > 0.0)) return HUGE_VAL;
  p[i - 1] += beyond;
  double result = 0.0;
  for (std::size_t j = 0; j < i; ++j) {
    const std::size_t k = j * levels / i;
    if (p[j] == 0.0) continue;
    const double share = p[j] / (inside + beyond), level = sum[k] / members[k] / inside;
    result += share * std::log(share / level);
  }
  return result;
}
// [/solution]

}  // namespace exercise

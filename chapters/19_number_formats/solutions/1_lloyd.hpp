// Exercise 19.1, solved.
#pragma once

#include <span>
#include <vector>

#include "19_number_formats/nf4.hpp"

namespace exercise {

// [solution]
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> sum(points.size(), 0.0), count(points.size(), 0.0);
    for (float value : x) {
      const std::size_t i = qfs::nearest_code(value, points);
      sum[i] += static_cast<double>(value);
      count[i] += 1.0;
    }
    for (std::size_t i = 0; i < points.size(); ++i)
      if (count[i] > 0.0) points[i] = static_cast<float>(sum[i] / count[i]);
  }
  return points;
}
// [/solution]

}  // namespace exercise

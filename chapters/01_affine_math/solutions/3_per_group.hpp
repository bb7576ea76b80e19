// Exercise 1.3, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace exercise {

// [solution]
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size) {
    float magnitude = 0.0F;
    for (float weight : row.subspan(start, std::min(group_size, row.size() - start)))
      magnitude = std::max(magnitude, std::fabs(weight));
    scales.push_back(magnitude > 0.0F ? magnitude / static_cast<float>(qmax) : 1.0F);
  }
  return scales;
}
// [/solution]

}  // namespace exercise

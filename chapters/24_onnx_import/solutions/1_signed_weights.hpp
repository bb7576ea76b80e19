// Exercise 24.1, solved.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace exercise {

// [solution]
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, std::span<const std::uint8_t> zero_points, std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int difference = q[i] - zero_points[zero_points.size() == 1 ? 0 : i / K];
    if (difference < -128 || difference > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(difference));
  }
  return weights;
}
// [/solution]

}  // namespace exercise

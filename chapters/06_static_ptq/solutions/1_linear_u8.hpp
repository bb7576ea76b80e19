// Exercise 6.1, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace exercise {

struct Layer {
  std::span<const std::int8_t> weight;  // N x K, one row per output
  std::span<const std::int32_t> bias;   // N
  std::span<const float> multiplier;    // 1 for the whole layer, or N
  std::int32_t x_zero_point = 0, y_zero_point = 0;
  bool relu = false;
};

// [solution]
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    std::int32_t acc = layer.bias[n];
    for (std::size_t k = 0; k < x.size(); ++k)
      acc += (x[k] - layer.x_zero_point) * layer.weight[n * x.size() + k];
    const float m = layer.multiplier[layer.multiplier.size() == 1 ? 0 : n];
    const auto low = static_cast<float>((layer.relu ? layer.y_zero_point : 0) - layer.y_zero_point);
    const auto high = static_cast<float>(255 - layer.y_zero_point);
    const float steps = std::clamp(std::nearbyint(static_cast<float>(acc) * m), low, high);
    y[n] = static_cast<std::uint8_t>(static_cast<std::int32_t>(steps) + layer.y_zero_point);
  }
}
// [/solution]

}  // namespace exercise

// Exercise 17.3, solved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace exercise {

struct LayerShape {
  std::size_t outputs = 0, inputs = 0;
};

// [solution]
inline std::size_t bytes_of(std::span<const LayerShape> layers, int bits, std::size_t scale_bytes,
                            std::size_t group_size) {
  std::size_t bytes = 0;
  for (const auto& [outputs, inputs] : layers) {
    const std::size_t integers = (inputs * static_cast<std::size_t>(bits) + 7) / 8;
    const std::size_t groups = (inputs + group_size - 1) / group_size;
    bytes += outputs * (integers + groups * scale_bytes);
  }
  return bytes;
}

inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32)
    if (bytes_of(layers, bits, scale_bytes, size) <= budget) return size;
  return std::nullopt;
}
// [/solution]

}  // namespace exercise

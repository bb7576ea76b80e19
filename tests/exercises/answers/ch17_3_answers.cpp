// Answers to exercise 17.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch17_3_test.cpp"

namespace one_loop {
const Answer kAnswer = right("tries the sizes in their order");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace one_loop

namespace from_above {
const Answer kAnswer = right("comes from above and keeps the last that fits");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  std::optional<std::size_t> best;
  for (std::size_t size = (longest + 31) / 32 * 32; size >= 32; size -= 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes > budget) break;
    best = size;
  }
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace from_above

namespace powers_of_two {
const Answer kAnswer = wrong("tries 32, 64, 128, 256 only");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < 2 * longest + 32; size *= 2) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace powers_of_two

namespace less_than {
const Answer kAnswer = wrong("asks for less than the budget");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes < budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace less_than

namespace no_short_group {
const Answer kAnswer = wrong("rounds the groups down");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes += N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + K / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace no_short_group

namespace bits_of_layer {
const Answer kAnswer = wrong("rounds to bytes once a layer");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes += (N * K * static_cast<std::size_t>(bits) + 7) / 8 +
               N * ((K + size - 1) / size) * scale_bytes;
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace bits_of_layer

namespace no_scales {
const Answer kAnswer = wrong("counts no scales");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 [[maybe_unused]] std::size_t scale_bytes,
                                                 std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers) bytes += N * ((K * static_cast<std::size_t>(bits) + 7) / 8);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace no_scales

namespace one_scale_a_group {
const Answer kAnswer = wrong("has the scales of one row only");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8) + (K + size - 1) / size * scale_bytes;
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace one_scale_a_group

namespace half_bytes {
const Answer kAnswer = wrong("takes 4 bits whatever is asked");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers,
                                                 [[maybe_unused]] int bits, std::size_t scale_bytes,
                                                 std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes += N * ((K + 1) / 2 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace half_bytes

namespace stops_early {
const Answer kAnswer = wrong("stops before one group a row");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace stops_early

namespace never_nothing {
const Answer kAnswer = wrong("gives the largest where nothing fits");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return (longest + 31) / 32 * 32;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace never_nothing

namespace zero_for_nothing {
const Answer kAnswer = wrong("gives 0 where nothing fits");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return 0;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace zero_for_nothing

namespace longest_last {
const Answer kAnswer = wrong("takes the last layer for the longest");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = layer.inputs;
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace longest_last

namespace largest {
const Answer kAnswer = wrong("gives the largest size");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = (longest + 31) / 32 * 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace largest

namespace rows_rounded_down {
const Answer kAnswer = wrong("rounds the bytes of a row down");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 32; size < longest + 32; size += 32) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes += N * (K * static_cast<std::size_t>(bits) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace rows_rounded_down

namespace sixteen {
const Answer kAnswer = wrong("takes multiples of 16");
namespace exercise {
using ::exercise::LayerShape;
inline std::optional<std::size_t> smallest_group(std::span<const LayerShape> layers, int bits,
                                                 std::size_t scale_bytes, std::size_t budget) {
  std::size_t longest = 1;
  for (const LayerShape& layer : layers) longest = std::max(longest, layer.inputs);
  for (std::size_t size = 16; size < longest + 16; size += 16) {
    std::size_t bytes = 0;
    for (const auto& [N, K] : layers)
      bytes +=
          N * ((K * static_cast<std::size_t>(bits) + 7) / 8 + (K + size - 1) / size * scale_bytes);
    if (bytes <= budget) return size;
  }
  return std::nullopt;
}
}  // namespace exercise
#include "tests/exercises/ch17_3_test.cpp"
}  // namespace sixteen

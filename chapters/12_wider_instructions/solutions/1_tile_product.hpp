// Exercise 12.1, solved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace exercise {

struct TileShape {
  std::size_t M = 0, N = 0, lines = 0;
};

// [solution]
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  const auto [M, N, lines] = shape;
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t n = 0; n < N; ++n) {
      auto sum = static_cast<std::uint32_t>(sums[m * N + n]);
      for (std::size_t k = 0; k < lines; ++k) {
        std::int32_t four = 0;  // at most 4 * 255 * 128 in magnitude
        for (std::size_t i = 0; i < 4; ++i)
          four += x[(m * lines + k) * 4 + i] * static_cast<std::int8_t>(w[(k * N + n) * 4 + i]);
        sum += static_cast<std::uint32_t>(four);
      }
      sums[m * N + n] = static_cast<std::int32_t>(sum);
    }
}
// [/solution]

}  // namespace exercise

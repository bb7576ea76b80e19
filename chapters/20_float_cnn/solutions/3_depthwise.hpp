// Exercise 20.3, solved.
#pragma once

#include <algorithm>
#include <span>

#include "20_float_cnn/picture.hpp"

namespace exercise {

// [solution]
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  const auto add = [&](std::size_t place, std::size_t pixel, std::size_t k) {
    for (std::size_t c = 0; c < C; ++c)
      y[place * C + c] += x[pixel * C + c] * weight[c * window.pixels() + k];
  };
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column) {
      const auto [rows, columns] = qfs::seen(shape, window, row, column);
      for (std::size_t r = rows.first; r < rows.end; ++r)
        for (std::size_t c = columns.first; c < columns.end; ++c) {
          const std::size_t i = r + window.padding - row * window.stride;
          const std::size_t j = c + window.padding - column * window.stride;
          add(row * out.width + column, r * shape.width + c, i * window.width + j);
        }
    }
}
// [/solution]

}  // namespace exercise

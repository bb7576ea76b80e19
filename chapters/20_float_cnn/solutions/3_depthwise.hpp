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
      const auto rows =
          qfs::inside(shape.height, window.padding, window.height, window.stride, row);
      const auto columns =
          qfs::inside(shape.width, window.padding, window.width, window.stride, column);
      for (std::size_t i = rows.first; i < rows.end; ++i)
        for (std::size_t j = columns.first; j < columns.end; ++j)
          add(row * out.width + column,
              (row * window.stride + i - window.padding) * shape.width + column * window.stride +
                  j - window.padding,
              i * window.width + j);
    }
}
// [/solution]

}  // namespace exercise

// Exercise 21.1, solved.
#pragma once

#include <cstdint>
#include <span>

#include "20_float_cnn/picture.hpp"

namespace exercise {

// [solution]
inline std::size_t dilated_places(std::size_t extent, std::size_t padding, std::size_t window,
                                  std::size_t stride, std::size_t dilation) {
  return qfs::places(extent, padding, dilation * (window - 1) + 1, stride);
}

inline void dilated_patch(std::span<const std::uint8_t> picture, const qfs::PictureShape& shape,
                          const qfs::Window& window, std::size_t dilation, std::size_t row,
                          std::size_t column, std::uint8_t zero_point, std::span<std::uint8_t> to) {
  std::size_t k = 0;
  for (std::size_t i = 0; i < window.height; ++i)
    for (std::size_t j = 0; j < window.width; ++j)
      for (std::size_t c = 0; c < shape.channels; ++c) {
        const std::size_t y = row * window.stride + i * dilation;  // of the padded picture
        const std::size_t x = column * window.stride + j * dilation;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        to[k++] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
// [/solution]

}  // namespace exercise

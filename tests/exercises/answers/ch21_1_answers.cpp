// Answers to exercise 21.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch21_1_test.cpp"

namespace signed_numbers {
const Answer kAnswer = right("counts in signed numbers");
namespace exercise {
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
        const auto y = static_cast<std::ptrdiff_t>(row * window.stride + i * dilation) -
                       static_cast<std::ptrdiff_t>(window.padding);
        const auto x = static_cast<std::ptrdiff_t>(column * window.stride + j * dilation) -
                       static_cast<std::ptrdiff_t>(window.padding);
        const bool inside = y >= 0 && y < static_cast<std::ptrdiff_t>(shape.height) && x >= 0 &&
                            x < static_cast<std::ptrdiff_t>(shape.width);
        to[k++] = inside ? picture[(static_cast<std::size_t>(y) * shape.width +
                                    static_cast<std::size_t>(x)) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace signed_numbers

namespace fill_first {
const Answer kAnswer = right("fills with the zero point first, then copies what is inside");
namespace exercise {
inline std::size_t dilated_places(std::size_t extent, std::size_t padding, std::size_t window,
                                  std::size_t stride, std::size_t dilation) {
  return qfs::places(extent, padding, dilation * (window - 1) + 1, stride);
}

inline void dilated_patch(std::span<const std::uint8_t> picture, const qfs::PictureShape& shape,
                          const qfs::Window& window, std::size_t dilation, std::size_t row,
                          std::size_t column, std::uint8_t zero_point, std::span<std::uint8_t> to) {
  std::ranges::fill(to, zero_point);
  std::size_t k = 0;
  for (std::size_t i = 0; i < window.height; ++i)
    for (std::size_t j = 0; j < window.width; ++j)
      for (std::size_t c = 0; c < shape.channels; ++c) {
        const std::size_t y = row * window.stride + i * dilation;  // of the padded picture
        const std::size_t x = column * window.stride + j * dilation;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        if (inside)
          to[k] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
        ++k;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace fill_first

namespace not_dilated {
const Answer kAnswer = wrong("does not dilate");
namespace exercise {
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
        const std::size_t y = row * window.stride + i + 0 * dilation;  // of the padded picture
        const std::size_t x = column * window.stride + j;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        to[k++] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace not_dilated

namespace places_not_dilated {
const Answer kAnswer = wrong("counts the places of a window that is not dilated");
namespace exercise {
inline std::size_t dilated_places(std::size_t extent, std::size_t padding, std::size_t window,
                                  std::size_t stride, std::size_t dilation) {
  return qfs::places(extent, padding, window + 0 * dilation, stride);
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
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace places_not_dilated

namespace reach_times_d {
const Answer kAnswer = wrong("takes d k for the reach");
namespace exercise {
inline std::size_t dilated_places(std::size_t extent, std::size_t padding, std::size_t window,
                                  std::size_t stride, std::size_t dilation) {
  return qfs::places(extent, padding, dilation * window, stride);
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
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace reach_times_d

namespace no_last_pixel {
const Answer kAnswer = wrong("forgets the last pixel of the reach");
namespace exercise {
inline std::size_t dilated_places(std::size_t extent, std::size_t padding, std::size_t window,
                                  std::size_t stride, std::size_t dilation) {
  return qfs::places(extent, padding, dilation * (window - 1) + (window == 1 ? 1 : 0), stride);
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
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace no_last_pixel

namespace border_0 {
const Answer kAnswer = wrong("has a border of 0");
namespace exercise {
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
                         : static_cast<std::uint8_t>(0 * zero_point);
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace border_0

namespace stride_dilated {
const Answer kAnswer = wrong("dilates the stride, too");
namespace exercise {
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
        const std::size_t y =
            row * window.stride * dilation + i * dilation;  // of the padded picture
        const std::size_t x = column * window.stride * dilation + j * dilation;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        to[k++] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace stride_dilated

namespace padding_dilated {
const Answer kAnswer = wrong("dilates the border, too");
namespace exercise {
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
        const std::size_t y = row * window.stride + i * dilation + window.padding -
                              window.padding * dilation;  // of the padded picture
        const std::size_t x =
            column * window.stride + j * dilation + window.padding - window.padding * dilation;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        to[k++] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace padding_dilated

namespace no_stride {
const Answer kAnswer = wrong("forgets the stride");
namespace exercise {
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
        const std::size_t y = row + i * dilation;  // of the padded picture
        const std::size_t x = column + j * dilation;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        to[k++] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace no_stride

namespace swapped {
const Answer kAnswer = wrong("takes the height for the width");
namespace exercise {
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
        to[k++] = inside ? picture[((y - window.padding) * shape.height + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace swapped

namespace channel_slowest {
const Answer kAnswer = wrong("writes the channels one after the other");
namespace exercise {
inline std::size_t dilated_places(std::size_t extent, std::size_t padding, std::size_t window,
                                  std::size_t stride, std::size_t dilation) {
  return qfs::places(extent, padding, dilation * (window - 1) + 1, stride);
}

inline void dilated_patch(std::span<const std::uint8_t> picture, const qfs::PictureShape& shape,
                          const qfs::Window& window, std::size_t dilation, std::size_t row,
                          std::size_t column, std::uint8_t zero_point, std::span<std::uint8_t> to) {
  for (std::size_t i = 0; i < window.height; ++i)
    for (std::size_t j = 0; j < window.width; ++j)
      for (std::size_t c = 0; c < shape.channels; ++c) {
        const std::size_t y = row * window.stride + i * dilation;  // of the padded picture
        const std::size_t x = column * window.stride + j * dilation;
        const bool inside = y >= window.padding && y < shape.height + window.padding &&
                            x >= window.padding && x < shape.width + window.padding;
        to[c * window.pixels() + i * window.width + j] =
            inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                 shape.channels +
                             c]
                   : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace channel_slowest

namespace right_edge {
const Answer kAnswer = wrong("reads one pixel beyond the right edge");
namespace exercise {
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
        const bool inside =
            y >= window.padding && y < shape.height + window.padding && x >= window.padding &&
            x < shape.width + window.padding + (y + 1 < shape.height + window.padding ? 1 : 0);
        to[k++] = inside ? picture[((y - window.padding) * shape.width + x - window.padding) *
                                       shape.channels +
                                   c]
                         : zero_point;
      }
}
}  // namespace exercise
#include "tests/exercises/ch21_1_test.cpp"
}  // namespace right_edge

// Pictures of several channels, and the windows that slide over them.
//
// A picture is height x width x channels numbers, the channel running fastest (NHWC, N being the
// batch). In a batch it is one row of a matrix, so that a vector of K numbers is a picture of
// 1 x 1 x K.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "common/check.hpp"

namespace qfs {

struct PictureShape {
  std::size_t height = 1, width = 1, channels = 1;
  std::size_t pixels() const { return height * width; }
  std::size_t size() const { return height * width * channels; }
  bool operator==(const PictureShape&) const = default;
};

// "28 x 28 x 1"
inline std::string shape_text(const PictureShape& shape) {
  return std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x " +
         std::to_string(shape.channels);
}

// Throws Error where a row of so many numbers is no picture of this shape.
inline void require_row_of(std::size_t numbers, const PictureShape& shape) {
  require(
      numbers == shape.size(), "the batch does not fit the layer", numbers,
      [&] { return shape_text(shape); }, "pass one row for every picture");
}

// [window]
// What slides over a picture: `height` x `width` pixels, `stride` pixels at a time, over a border
// of `padding` pixels on every side.
struct Window {
  std::size_t height = 3, width = 3, stride = 1, padding = 0;
  std::size_t pixels() const { return height * width; }
  bool operator==(const Window&) const = default;
};

// How many places a window has along an axis (eq. 20.1).
inline std::size_t places(std::size_t extent, std::size_t padding, std::size_t window,
                          std::size_t stride) {
  return (extent + 2 * padding - window) / stride + 1;
}
// [/window]

// The picture that a window leaves, one pixel a place. Throws Error where the picture or the window
// is empty, or where the window does not fit the picture with its border, stands still, or could
// see nothing but border.
inline PictureShape places_of(const PictureShape& picture, const Window& window,
                              std::size_t channels) {
  const std::size_t border = 2 * window.padding;
  const auto text = [&] {
    return std::to_string(window.height) + " x " + std::to_string(window.width) + ", stride " +
           std::to_string(window.stride) + ", padding " + std::to_string(window.padding);
  };
  require(
      picture.size() > 0 && channels > 0 && window.pixels() > 0 && window.stride > 0 &&
          window.height <= picture.height + border && window.width <= picture.width + border &&
          window.padding < window.height && window.padding < window.width,
      "the window does not fit the picture", text,
      [&] { return "one that fits " + shape_text(picture); }, "check kernel, stride and padding");
  return {places(picture.height, window.padding, window.height, window.stride),
          places(picture.width, window.padding, window.width, window.stride), channels};
}

// A band of a picture: rows (or columns) that follow one another, first <= i < end.
struct Band {
  std::size_t first = 0, end = 0;
  std::size_t count() const { return end - first; }
  bool operator==(const Band&) const = default;
};

// The band that a window sees at a place, along an axis; never empty. Row i of the window lies on
// row place * stride + i - padding of the picture.
inline Band seen_band(std::size_t extent, std::size_t padding, std::size_t window,
                      std::size_t stride, std::size_t place) {
  const std::size_t start = place * stride;  // counted from the border's edge, as the end is
  return {std::max(start, padding) - padding, std::min(start + window - padding, extent)};
}

// The window of one pixel of the output, counted on the picture: the pixels that it sees.
struct Seen {
  Band rows, columns;
  std::size_t pixels() const { return rows.count() * columns.count(); }
};
inline Seen seen(const PictureShape& picture, const Window& window, std::size_t row,
                 std::size_t column) {
  return {seen_band(picture.height, window.padding, window.height, window.stride, row),
          seen_band(picture.width, window.padding, window.width, window.stride, column)};
}

// Some channels that follow one another: those of a group, or all.
struct Channels {
  std::size_t first = 0, count = 0;
};

// A run of a patch: a few numbers, for which a call of memcpy costs more than copying.
template <class T>
void copy_run(const T* from, std::size_t count, T* to) {
  if (count > 8)
    std::copy_n(from, count, to);
  else
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

// [copy_patch]
// What the window sees at place (row, column): window.height x window.width x channels.count
// numbers; beyond the picture's edge `border`. The definition; the layers copy faster
// (plumbing/group_patches.cpp).
template <class T>
void copy_patch(const T* picture, const PictureShape& shape, const Window& window,
                Channels channels, std::size_t row, std::size_t column, T border, T* to) {
  const auto [rows, columns] = seen(shape, window, row, column);
  if (rows.count() < window.height || columns.count() < window.width)
    std::fill_n(to, window.pixels() * channels.count, border);
  for (std::size_t y = rows.first; y < rows.end; ++y) {
    const std::size_t i = y + window.padding - row * window.stride;  // of the window
    const std::size_t j = columns.first + window.padding - column * window.stride;
    const T* from = picture + (y * shape.width + columns.first) * shape.channels + channels.first;
    T* patch = to + (i * window.width + j) * channels.count;
    std::size_t runs = columns.count(), length = channels.count;
    if (channels.count == shape.channels) length *= std::exchange(runs, 1);  // one run a row
    for (; runs > 0; --runs, from += shape.channels, patch += channels.count)
      copy_run(from, length, patch);
  }
}
// [/copy_patch]

}  // namespace qfs

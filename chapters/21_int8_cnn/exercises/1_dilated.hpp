// Exercise 21.1: a dilated convolution.
//
// The pixels under a window with dilation d are d apart: a window of 3 x 3 with d = 2 sees 9 pixels
// of 5 x 5. Only the patches change, and so only what LeftSide.pack writes. Write
//   dilated_places: how many places the window has along an axis (eq. 20.1, with the window as long
//     as it reaches);
//   dilated_patch: what the window sees at place (row, column), window.height x window.width x
//     channels integers, the channel running fastest; beyond the picture the zero point.
// Window.stride and Window.padding mean what they mean without dilation, whose d is 1. The window
// fits the picture with its border.
#pragma once

#include <cstdint>
#include <span>

#include "20_float_cnn/picture.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::size_t dilated_places([[maybe_unused]] std::size_t extent,
                                  [[maybe_unused]] std::size_t padding,
                                  [[maybe_unused]] std::size_t window,
                                  [[maybe_unused]] std::size_t stride,
                                  [[maybe_unused]] std::size_t dilation) {
  // TODO: with dilation 1 it is qfs::places.
  qfs::not_written_yet("21.1: dilated_places");
}

inline void dilated_patch([[maybe_unused]] std::span<const std::uint8_t> picture,
                          [[maybe_unused]] const qfs::PictureShape& shape,
                          [[maybe_unused]] const qfs::Window& window,
                          [[maybe_unused]] std::size_t dilation, [[maybe_unused]] std::size_t row,
                          [[maybe_unused]] std::size_t column,
                          [[maybe_unused]] std::uint8_t zero_point,
                          [[maybe_unused]] std::span<std::uint8_t> to) {
  // TODO: fill `to`.
  qfs::not_written_yet("21.1: dilated_patch");
}

}  // namespace exercise

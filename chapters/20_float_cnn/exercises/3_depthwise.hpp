// Exercise 20.3: a depthwise convolution without patches.
//
// With as many groups as channels, output c sees channel c alone: each group's product has a
// single row of `window.pixels()` weights, and copying patches costs more than multiplying them.
// Write the loops instead. x is one picture of `shape`, the channel running fastest; weight is
// channels x (height x width of the window); y is a picture of qfs::places_of(shape, window,
// shape.channels). Beyond the picture's edge stands 0. y holds anything before.
#pragma once

#include <algorithm>
#include <span>

#include "20_float_cnn/picture.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void depthwise([[maybe_unused]] const qfs::PictureShape& shape,
                      [[maybe_unused]] const qfs::Window& window,
                      [[maybe_unused]] std::span<const float> x,
                      [[maybe_unused]] std::span<const float> weight,
                      [[maybe_unused]] std::span<float> y) {
  // TODO: fill y.
  qfs::not_written_yet("20.3: depthwise");
}

}  // namespace exercise

// Exercise 20.2: global average pooling, forward and backward.
//
// The residual net ends with the mean of every channel over all pixels of the picture. Write it
// without a window. `picture` holds height x width x channels numbers, the channel running fastest;
// `mean` one number a channel. Backward: from dL/d(mean), dL/d(picture), which overwrites what
// stands there. Every picture has a pixel at least.
#pragma once

#include <algorithm>
#include <span>

#include "20_float_cnn/picture.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void global_average([[maybe_unused]] const qfs::PictureShape& shape,
                           [[maybe_unused]] std::span<const float> picture,
                           [[maybe_unused]] std::span<float> mean) {
  // TODO: fill `mean`.
  qfs::not_written_yet("20.2: global_average");
}

inline void global_average_backward([[maybe_unused]] const qfs::PictureShape& shape,
                                    [[maybe_unused]] std::span<const float> mean_gradient,
                                    [[maybe_unused]] std::span<float> picture_gradient) {
  // TODO: fill `picture_gradient`.
  qfs::not_written_yet("20.2: global_average_backward");
}

}  // namespace exercise

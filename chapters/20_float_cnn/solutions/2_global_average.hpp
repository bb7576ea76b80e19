// Exercise 20.2, solved.
#pragma once

#include <algorithm>
#include <span>

#include "20_float_cnn/picture.hpp"

namespace exercise {

// [solution]
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  std::ranges::fill(mean, 0.0F);
  for (std::size_t i = 0; i < picture.size(); ++i) mean[i % shape.channels] += picture[i];
  for (float& value : mean) value /= static_cast<float>(shape.pixels());
}

inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
// [/solution]

}  // namespace exercise

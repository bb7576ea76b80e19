// Answers to exercise 20.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch20_3_test.cpp"

namespace plain_loops {
const Answer kAnswer = right("asks for every pixel whether it lies on the picture");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] * weight[c * window.pixels() + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace plain_loops

namespace by_patches {
const Answer kAnswer = right("copies the patch of every channel");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels, K = window.pixels();
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::vector<float> patch(K);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t c = i % C, place = i / C;
    qfs::copy_patch(x.data(), shape, window, {c, 1}, place / out.width, place % out.width, 0.0F,
                    patch.data());
    float sum = 0.0F;
    for (std::size_t k = 0; k < K; ++k) sum += patch[k] * weight[c * K + k];
    y[i] = sum;
  }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace by_patches

namespace turned {
const Answer kAnswer = wrong("turns the kernel around, as mathematicians do");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] *
                weight[c * window.pixels() + (window.height - 1 - i) * window.width + window.width -
                       1 - j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace turned

namespace channel_fastest {
const Answer kAnswer = wrong("reads the weight with the channel running fastest");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] * weight[(i * window.width + j) * C + c];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace channel_fastest

namespace one_kernel {
const Answer kAnswer = wrong("gives all channels the first kernel");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] * weight[0 * c + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace one_kernel

namespace no_stride {
const Answer kAnswer = wrong("moves by one pixel");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row + i, xx = column + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] * weight[c * window.pixels() + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace no_stride

namespace not_cleared {
const Answer kAnswer = wrong("adds to what stood in y");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);

  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] * weight[c * window.pixels() + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace not_cleared

namespace transposed {
const Answer kAnswer = wrong("swaps rows and columns of the kernel");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] *
                weight[c * window.pixels() + (j * window.height + i) % window.pixels()];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace transposed

namespace last_product {
const Answer kAnswer = wrong("keeps the last product alone");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] =
                x[pixel * C + c] * weight[c * window.pixels() + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace last_product

namespace wide_row {
const Answer kAnswer = wrong("takes the width of the picture for that of y");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy >= shape.height + window.padding || xx < window.padding ||
              xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * (shape.width <= out.width ? shape.width : out.width) + column) * C + c] +=
                x[pixel * C + c] * weight[c * window.pixels() + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace wide_row

namespace nearest_pixel {
const Answer kAnswer = wrong("repeats the pixels of the edge");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  const auto at = [&](std::size_t padded, std::size_t extent) {
    return std::clamp(padded, window.padding, extent + window.padding - 1) - window.padding;
  };
  for (std::size_t i = 0; i < y.size(); ++i)
    for (std::size_t k = 0; k < window.pixels(); ++k) {
      const std::size_t c = i % C, place = i / C;
      const std::size_t row =
          at(place / out.width * window.stride + k / window.width, shape.height);
      const std::size_t column =
          at(place % out.width * window.stride + k % window.width, shape.width);
      y[i] += x[(row * shape.width + column) * C + c] * weight[c * window.pixels() + k];
    }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace nearest_pixel

namespace edge_short {
const Answer kAnswer = wrong("leaves out the last row of the picture");
namespace exercise {
inline void depthwise(const qfs::PictureShape& shape, const qfs::Window& window,
                      std::span<const float> x, std::span<const float> weight, std::span<float> y) {
  const std::size_t C = shape.channels;
  const qfs::PictureShape out = qfs::places_of(shape, window, C);
  std::ranges::fill(y, 0.0F);
  for (std::size_t row = 0; row < out.height; ++row)
    for (std::size_t column = 0; column < out.width; ++column)
      for (std::size_t i = 0; i < window.height; ++i)
        for (std::size_t j = 0; j < window.width; ++j) {
          const std::size_t yy = row * window.stride + i, xx = column * window.stride + j;
          if (yy < window.padding || yy + 1 >= shape.height + window.padding ||
              xx < window.padding || xx >= shape.width + window.padding)
            continue;
          const std::size_t pixel = (yy - window.padding) * shape.width + xx - window.padding;
          for (std::size_t c = 0; c < C; ++c)
            y[(row * out.width + column) * C + c] +=
                x[pixel * C + c] * weight[c * window.pixels() + i * window.width + j];
        }
}
}  // namespace exercise
#include "tests/exercises/ch20_3_test.cpp"
}  // namespace edge_short

// Answers to exercise 20.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch20_2_test.cpp"

namespace in_double {
const Answer kAnswer = right("sums channel by channel in double");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  for (std::size_t c = 0; c < shape.channels; ++c) {
    double sum = 0.0;
    for (std::size_t p = 0; p < shape.pixels(); ++p)
      sum += static_cast<double>(picture[p * shape.channels + c]);
    mean[c] = static_cast<float>(sum / static_cast<double>(shape.pixels()));
  }
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  const float share = 1.0F / static_cast<float>(shape.pixels());
  for (std::size_t p = 0; p < shape.pixels(); ++p)
    for (std::size_t c = 0; c < shape.channels; ++c)
      picture_gradient[p * shape.channels + c] = share * mean_gradient[c];
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace in_double

namespace share_by_share {
const Answer kAnswer = right("adds the share of every pixel");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  const float share = 1.0F / static_cast<float>(shape.height * shape.width);
  for (float& value : mean) value = 0.0F;
  for (std::size_t i = 0; i < shape.size(); ++i) mean[i % mean.size()] += share * picture[i];
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace share_by_share

namespace not_cleared {
const Answer kAnswer = wrong("adds to what stood in the means");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  for (std::size_t i = 0; i < picture.size(); ++i) mean[i % shape.channels] += picture[i];
  for (float& value : mean) value /= static_cast<float>(shape.pixels());
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace not_cleared

namespace channels_first {
const Answer kAnswer = wrong("takes the picture for channels x pixels");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  std::ranges::fill(mean, 0.0F);
  for (std::size_t i = 0; i < picture.size(); ++i) mean[i / shape.pixels()] += picture[i];
  for (float& value : mean) value /= static_cast<float>(shape.pixels());
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace channels_first

namespace over_all {
const Answer kAnswer = wrong("divides by the channels too");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  std::ranges::fill(mean, 0.0F);
  for (std::size_t i = 0; i < picture.size(); ++i) mean[i % shape.channels] += picture[i];
  for (float& value : mean) value /= static_cast<float>(shape.size());
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace over_all

namespace only_the_sum {
const Answer kAnswer = wrong("forgets to divide");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  std::ranges::fill(mean, 0.0F);
  for (std::size_t i = 0; i < picture.size(); ++i) mean[i % shape.channels] += picture[i];
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace only_the_sum

namespace whole_gradient {
const Answer kAnswer = wrong("gives every pixel the whole gradient");
namespace exercise {
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
    picture_gradient[i] = mean_gradient[i % shape.channels];
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace whole_gradient

namespace adds_the_gradient {
const Answer kAnswer = wrong("adds to the old gradient");
namespace exercise {
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
    picture_gradient[i] += mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace adds_the_gradient

namespace gradient_channels_first {
const Answer kAnswer = wrong("the gradient for channels x pixels");
namespace exercise {
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
    picture_gradient[i] = mean_gradient[i / shape.pixels()] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace gradient_channels_first

namespace height_twice {
const Answer kAnswer = wrong("takes every picture for a square");
namespace exercise {
inline void global_average(const qfs::PictureShape& shape, std::span<const float> picture,
                           std::span<float> mean) {
  std::ranges::fill(mean, 0.0F);
  for (std::size_t i = 0; i < picture.size(); ++i) mean[i % shape.channels] += picture[i];
  for (float& value : mean) value /= static_cast<float>(shape.height * shape.height);
}
inline void global_average_backward(const qfs::PictureShape& shape,
                                    std::span<const float> mean_gradient,
                                    std::span<float> picture_gradient) {
  for (std::size_t i = 0; i < picture_gradient.size(); ++i)
    picture_gradient[i] = mean_gradient[i % shape.channels] / static_cast<float>(shape.pixels());
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace height_twice

namespace gradient_height_twice {
const Answer kAnswer = wrong("takes every picture for a square, backward");
namespace exercise {
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
    picture_gradient[i] =
        mean_gradient[i % shape.channels] / static_cast<float>(shape.height * shape.height);
}
}  // namespace exercise
#include "tests/exercises/ch20_2_test.cpp"
}  // namespace gradient_height_twice

#include "21_int8_cnn/pool_u8.hpp"

#include <algorithm>
#include <vector>

#include "02_integer_products/requantize.hpp"
#include "21_int8_cnn/plumbing/largest_u8.hpp"

namespace qfs {
namespace {

// Calls use(picture, what the window sees of it, the pixel of y) for every place of every picture.
template <class Use>
void each_place(const Window& window, const PictureShape& input, std::span<const std::uint8_t> x,
                std::span<std::uint8_t> y, Use&& use) {
  const PictureShape output = places_of(input, window, input.channels);
  std::uint8_t* to = y.data();
  for (std::size_t p = 0; p < x.size(); p += input.size())
    for (std::size_t row = 0; row < output.height; ++row)
      for (std::size_t column = 0; column < output.width; ++column, to += input.channels)
        use(x.data() + p, seen(input, window, row, column), to);
}

void require_pictures(const Window& window, const PictureShape& input, std::size_t x,
                      std::size_t y) {
  const std::size_t output = places_of(input, window, input.channels).size();
  require(
      x % input.size() == 0 && x / input.size() * output == y,
      "the pictures do not fit the pooling",
      [&] { return std::to_string(x) + " in, " + std::to_string(y) + " out"; },
      "pictures of one shape in, one out for each", "check the shapes");
}

}  // namespace

void max_pool_u8(const Window& window, const PictureShape& input, std::span<const std::uint8_t> x,
                 std::span<std::uint8_t> y) {
  require_pictures(window, input, x.size(), y.size());
  each_place(window, input, x, y,
             [&](const std::uint8_t* picture, const Seen& seen, std::uint8_t* to) {
               largest_of(picture, input, seen, to);  // (eq. 21.6)
             });
}

float average_multiplier(float x_scale, std::size_t count, float y_scale) {
  const float multiplier = x_scale / (y_scale * static_cast<float>(count));
  require_normal(multiplier, "the scales give no multiplier for a mean", "check the two scales");
  return multiplier;
}

namespace {

// [mean]
// Of every channel the mean of one window; `sum` has room for one number a channel.
void mean_of(const AveragePoolU8& pool, const std::uint8_t* picture, const Seen& seen,
             std::int32_t* sum, std::uint8_t* to) {
  const std::size_t C = pool.input.channels;
  std::fill_n(sum, C, -static_cast<std::int32_t>(seen.pixels()) * pool.x_zero_point);
  for (std::size_t i = seen.rows.first; i < seen.rows.end; ++i)
    for (std::size_t j = seen.columns.first; j < seen.columns.end; ++j) {
      const std::uint8_t* from = picture + (i * pool.input.width + j) * C;
      for (std::size_t c = 0; c < C; ++c) sum[c] += from[c];
    }
  for (std::size_t c = 0; c < C; ++c)
    to[c] = static_cast<std::uint8_t>(requantize_float(
        sum[c], pool.multiplier, pool.output.zero_point, pool.range));  // (eq. 21.8)
}
// [/mean]

}  // namespace

void average_pool_u8(const AveragePoolU8& pool, std::span<const std::uint8_t> x,
                     std::span<std::uint8_t> y) {
  require_pictures(pool.window, pool.input, x.size(), y.size());
  thread_local std::vector<std::int32_t> sum;
  sum.resize(pool.input.channels);
  each_place(pool.window, pool.input, x, y,
             [&](const std::uint8_t* picture, const Seen& seen, std::uint8_t* to) {
               mean_of(pool, picture, seen, sum.data(), to);
             });
}

}  // namespace qfs

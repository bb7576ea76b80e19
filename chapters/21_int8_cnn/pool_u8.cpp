#include "21_int8_cnn/pool_u8.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "02_integer_products/requantize.hpp"

namespace qfs {
namespace {

// The rows, or columns, of the picture that a window sees at one place: never none.
struct Seen {
  std::size_t begin, end;
};
Seen seen(std::size_t place, std::size_t extent, std::size_t window, const Window& w) {
  const std::size_t begin = place * w.stride, end = begin + window;  // of the padded picture
  return {std::max(begin, w.padding) - w.padding, std::min(end - w.padding, extent)};
}

// Calls use(y's place, rows, columns) for every place of every picture; x and y are its picture's.
template <class Use>
void each_place(const Window& window, const PictureShape& input, std::span<const std::uint8_t> x,
                std::span<std::uint8_t> y, Use&& use) {
  const PictureShape output = places_of(input, window, input.channels);
  std::uint8_t* to = y.data();
  for (std::size_t p = 0; p < x.size(); p += input.size())
    for (std::size_t row = 0; row < output.height; ++row)
      for (std::size_t column = 0; column < output.width; ++column, to += input.channels)
        use(x.data() + p, to, seen(row, input.height, window.height, window),
            seen(column, input.width, window.width, window));
}

void require_pictures(const Window& window, const PictureShape& input, std::size_t x,
                      std::size_t y) {
  const std::size_t output = places_of(input, window, input.channels).size();
  require(x % input.size() == 0 && x / input.size() * output == y,
          "the pictures do not fit the pooling", x + y,
          "pictures of one shape in, one out for each", "check the shapes");
}

// Bytes that are compared together: by vector instructions where a CPU has them.
using Eight [[gnu::vector_size(8)]] = std::uint8_t;
using Sixteen [[gnu::vector_size(16)]] = std::uint8_t;

// The largest of some channels, which stay in a register while the window passes.
template <class Bytes>
void largest_of(const std::uint8_t* picture, const PictureShape& shape, Seen rows, Seen columns,
                std::uint8_t* to) {
  Bytes largest{};
  for (std::size_t i = rows.begin; i < rows.end; ++i)
    for (std::size_t j = columns.begin; j < columns.end; ++j) {
      Bytes some;
      std::memcpy(&some, picture + (i * shape.width + j) * shape.channels, sizeof some);
      largest = some > largest ? some : largest;
    }
  std::memcpy(to, &largest, sizeof largest);
}

}  // namespace

void max_pool_u8(const Window& window, const PictureShape& input, std::span<const std::uint8_t> x,
                 std::span<std::uint8_t> y) {
  require_pictures(window, input, x.size(), y.size());
  const std::size_t C = input.channels;
  each_place(window, input, x, y,
             [&](const std::uint8_t* picture, std::uint8_t* to, Seen rows, Seen columns) {
               std::size_t c = 0;
               for (; c + 16 <= C; c += 16)
                 largest_of<Sixteen>(picture + c, input, rows, columns, to + c);
               for (; c + 8 <= C; c += 8)
                 largest_of<Eight>(picture + c, input, rows, columns, to + c);
               for (; c < C; ++c)
                 largest_of<std::uint8_t>(picture + c, input, rows, columns, to + c);
             });
}

float average_multiplier(float x_scale, std::size_t count, float y_scale) {
  const float multiplier = x_scale / (y_scale * static_cast<float>(count));
  require_normal(multiplier, "the scales give no multiplier for a mean", "check the two scales");
  return multiplier;
}

void average_pool_u8(const AveragePoolU8& pool, std::span<const std::uint8_t> x,
                     std::span<std::uint8_t> y) {
  const PictureShape& input = pool.input;
  require_pictures(pool.window, input, x.size(), y.size());
  const std::size_t C = input.channels;
  thread_local std::vector<std::int32_t> scratch;
  scratch.resize(C);
  std::int32_t* sum = scratch.data();
  each_place(pool.window, input, x, y,
             [&](const std::uint8_t* picture, std::uint8_t* to, Seen rows, Seen columns) {
               const std::size_t pixels = (rows.end - rows.begin) * (columns.end - columns.begin);
               std::fill_n(sum, C, -static_cast<std::int32_t>(pixels) * pool.x_zero_point);
               for (std::size_t i = rows.begin; i < rows.end; ++i)
                 for (std::size_t j = columns.begin; j < columns.end; ++j) {
                   const std::uint8_t* from = picture + (i * input.width + j) * C;
                   for (std::size_t c = 0; c < C; ++c) sum[c] += from[c];
                 }
               for (std::size_t c = 0; c < C; ++c)
                 to[c] = static_cast<std::uint8_t>(requantize_float(
                     sum[c], pool.multiplier, pool.output.zero_point, pool.range));  // (eq. 21.8)
             });
}

}  // namespace qfs

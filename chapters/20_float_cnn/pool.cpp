#include "20_float_cnn/pool.hpp"

#include <numeric>

#include "04_mnist_mlp/layers.hpp"

namespace qfs {
namespace {

// Calls use(place, pixel) for every pixel of the picture that the window sees at a place; both are
// counted row by row.
template <class Use>
void each_pixel(const Window& window, const PictureShape& input, Use&& use) {
  const PictureShape output = places_of(input, window, input.channels);
  for (std::size_t row = 0; row < output.height; ++row)
    for (std::size_t column = 0; column < output.width; ++column) {
      const auto [rows, columns] = seen(input, window, row, column);
      for (std::size_t y = rows.first; y < rows.end; ++y)
        for (std::size_t x = columns.first; x < columns.end; ++x)
          use(row * output.width + column, y * input.width + x);
    }
}

// out = the larger of out and in, channel by channel, and won its number. A NaN is larger, and
// stays: no number is larger than it.
void keep_larger(std::size_t C, const float* in, std::uint32_t from, float* out,
                 std::uint32_t* won) {
  for (std::size_t c = 0; c < C; ++c) {
    const bool larger = in[c] > out[c] || in[c] != in[c];
    out[c] = larger ? in[c] : out[c];
    won[c] = larger ? from + static_cast<std::uint32_t>(c) : won[c];
  }
}

}  // namespace

void max_pool_forward(const Window& window, const PictureShape& input, const Matrix<float>& x,
                      std::vector<std::uint32_t>& winner, Matrix<float>& y) {
  constexpr std::size_t kNone = ~std::size_t{0};
  const PictureShape output = places_of(input, window, input.channels);
  const std::size_t C = input.channels;
  require_row_of(x.shape(1), input);
  fit_shape(y, x.shape(0), output.size());
  winner.resize(y.size());
  for (std::size_t b = 0; b < x.shape(0); ++b) {
    const float* in = row(x, b).data();
    float* out = row(y, b).data();
    std::uint32_t* won = winner.data() + b * output.size();
    std::size_t last = kNone;
    each_pixel(window, input, [&](std::size_t place, std::size_t pixel) {
      const std::size_t to = place * C, from = pixel * C;
      if (place == last)
        return keep_larger(C, in + from, static_cast<std::uint32_t>(from), out + to, won + to);
      last = place;  // the first pixel of its window
      std::copy_n(in + from, C, out + to);
      std::iota(won + to, won + to + C, static_cast<std::uint32_t>(from));
    });
  }
}

void max_pool_backward(const PictureShape& input, const Matrix<float>& y_gradient,
                       const std::vector<std::uint32_t>& winner, Matrix<float>& x_gradient) {
  require(winner.size() == y_gradient.size(), "max_pool_backward: one winner a number",
          winner.size(), y_gradient.size(), "pass what max_pool_forward left");
  fit_shape(x_gradient, y_gradient.shape(0), input.size());
  std::ranges::fill(values(x_gradient), 0.0F);
  for (std::size_t b = 0; b < y_gradient.shape(0); ++b) {
    const std::span<const float> dy = row(y_gradient, b);
    float* dx = row(x_gradient, b).data();
    const std::uint32_t* won = winner.data() + b * dy.size();
    for (std::size_t i = 0; i < dy.size(); ++i) dx[won[i]] += dy[i];
  }
}

void average_pool_forward(const Window& window, const PictureShape& input, const Matrix<float>& x,
                          Matrix<float>& y) {
  const PictureShape output = places_of(input, window, input.channels);
  const std::size_t C = input.channels;
  require_row_of(x.shape(1), input);
  fit_shape(y, x.shape(0), output.size());
  std::ranges::fill(values(y), 0.0F);
  for (std::size_t b = 0; b < x.shape(0); ++b)
    each_pixel(window, input, [&](std::size_t place, std::size_t pixel) {
      float* to = row(y, b).data() + place * C;
      const float* from = row(x, b).data() + pixel * C;
      for (std::size_t c = 0; c < C; ++c) to[c] += from[c];
    });
  for (float& sum : values(y)) sum /= static_cast<float>(window.pixels());
}

void average_pool_backward(const Window& window, const PictureShape& input,
                           const Matrix<float>& y_gradient, Matrix<float>& x_gradient) {
  const std::size_t C = input.channels;
  const float share = 1.0F / static_cast<float>(window.pixels());
  require_row_of(y_gradient.shape(1), places_of(input, window, C));
  fit_shape(x_gradient, y_gradient.shape(0), input.size());
  std::ranges::fill(values(x_gradient), 0.0F);
  for (std::size_t b = 0; b < y_gradient.shape(0); ++b)
    each_pixel(window, input, [&](std::size_t place, std::size_t pixel) {
      float* to = row(x_gradient, b).data() + pixel * C;
      const float* from = row(y_gradient, b).data() + place * C;
      for (std::size_t c = 0; c < C; ++c) to[c] += share * from[c];
    });
}

}  // namespace qfs

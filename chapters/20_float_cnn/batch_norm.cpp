#include "20_float_cnn/batch_norm.hpp"

#include <cmath>

#include "04_mnist_mlp/layers.hpp"

namespace qfs {
namespace {

void require_channels(const BatchNorm& norm, const Matrix<float>& x) {
  require(norm.channels() > 0 && x.shape(1) % norm.channels() == 0,
          "batch norm does not fit its input", norm.channels(), "a divisor of the row's length",
          "check the number of channels");
}

// Sums over the pixels of every channel, in double: M is up to millions. `value` is called with i
// and the channel.
template <class Value>
std::vector<double> channel_sums(std::size_t size, std::size_t channels, Value&& value) {
  std::vector<double> sums(channels, 0.0);
  for (std::size_t i = 0; i < size; i += channels)
    for (std::size_t c = 0; c < channels; ++c) sums[c] += static_cast<double>(value(i + c, c));
  return sums;
}

}  // namespace

BatchNorm make_batch_norm(std::size_t channels) {
  return {.gamma = make_tensor<float>({channels}, 1.0F),
          .beta = make_tensor<float>({channels}),
          .running_mean = make_tensor<float>({channels}),
          .running_variance = make_tensor<float>({channels}, 1.0F),
          .gamma_gradient = make_tensor<float>({channels}),
          .beta_gradient = make_tensor<float>({channels})};
}

void batch_norm_forward(BatchNorm& norm, const Matrix<float>& x, BatchNormBuffers& buffers,
                        Matrix<float>& y) {
  require_channels(norm, x);
  const std::size_t C = norm.channels(), M = x.size() / C;
  require(M > 1, "batch norm needs more than one pixel a channel", M, "2 or more",
          "train on larger batches");
  const std::span<const float> in = values(x);
  const auto mean_of = [M](std::vector<double> sums) {
    for (double& sum : sums) sum /= static_cast<double>(M);
    return sums;
  };
  const std::vector<double> mean =
      mean_of(channel_sums(in.size(), C, [&](std::size_t i, std::size_t) { return in[i]; }));
  const std::vector<double> variance =
      mean_of(channel_sums(in.size(), C, [&](std::size_t i, std::size_t c) {
        const double distance = static_cast<double>(in[i]) - mean[c];
        return distance * distance;
      }));
  buffers.inverse_std.resize(C);
  const double unbiased = static_cast<double>(M) / static_cast<double>(M - 1);
  const auto keep = [&](float& running, double seen) {
    running = static_cast<float>((1.0 - static_cast<double>(norm.momentum)) *
                                     static_cast<double>(running) +
                                 static_cast<double>(norm.momentum) * seen);
  };
  for (std::size_t c = 0; c < C; ++c) {
    buffers.inverse_std[c] =
        static_cast<float>(1.0 / std::sqrt(variance[c] + static_cast<double>(norm.epsilon)));
    keep(norm.running_mean(c), mean[c]);
    keep(norm.running_variance(c), variance[c] * unbiased);
  }
  fit_shape(buffers.normalized, x.shape(0), x.shape(1));
  fit_shape(y, x.shape(0), x.shape(1));
  const std::span<float> unit = values(buffers.normalized), out = values(y);
  for (std::size_t i = 0; i < in.size(); i += C)
    for (std::size_t c = 0; c < C; ++c) {
      unit[i + c] = (in[i + c] - static_cast<float>(mean[c])) * buffers.inverse_std[c];
      out[i + c] = norm.gamma(c) * unit[i + c] + norm.beta(c);
    }
}

void batch_norm_backward(BatchNorm& norm, const Matrix<float>& y_gradient,
                         const BatchNormBuffers& buffers, Matrix<float>& x_gradient) {
  require_same_shape(y_gradient, buffers.normalized, "batch_norm_backward");
  const std::size_t C = norm.channels(), M = y_gradient.size() / C;
  const std::span<const float> dy = values(y_gradient), unit = values(buffers.normalized);
  const std::vector<double> beta =
      channel_sums(dy.size(), C, [&](std::size_t i, std::size_t) { return dy[i]; });
  const std::vector<double> gamma = channel_sums(dy.size(), C, [&](std::size_t i, std::size_t) {
    return static_cast<double>(dy[i]) * static_cast<double>(unit[i]);
  });
  std::vector<float> mean_dy(C), mean_product(C), scale(C);
  for (std::size_t c = 0; c < C; ++c) {
    norm.beta_gradient(c) = static_cast<float>(beta[c]);
    norm.gamma_gradient(c) = static_cast<float>(gamma[c]);
    mean_dy[c] = static_cast<float>(beta[c] / static_cast<double>(M));
    mean_product[c] = static_cast<float>(gamma[c] / static_cast<double>(M));
    scale[c] = norm.gamma(c) * buffers.inverse_std[c];
  }
  // [batch_norm_backward]
  if (&x_gradient != &y_gradient) fit_shape(x_gradient, y_gradient.shape(0), y_gradient.shape(1));
  const std::span<float> dx = values(x_gradient);
  for (std::size_t i = 0; i < dx.size(); i += C)
    for (std::size_t c = 0; c < C; ++c)
      dx[i + c] = scale[c] * (dy[i + c] - mean_dy[c] - unit[i + c] * mean_product[c]);
  // [/batch_norm_backward]
}

void batch_norm_running(const BatchNorm& norm, const Matrix<float>& x, Matrix<float>& y) {
  require_channels(norm, x);
  const std::size_t C = norm.channels();
  std::vector<float> inverse_std(C);
  for (std::size_t c = 0; c < C; ++c)
    inverse_std[c] = 1.0F / std::sqrt(norm.running_variance(c) + norm.epsilon);
  fit_shape(y, x.shape(0), x.shape(1));
  const std::span<const float> in = values(x);
  const std::span<float> out = values(y);
  for (std::size_t i = 0; i < in.size(); i += C)
    for (std::size_t c = 0; c < C; ++c)
      out[i + c] =
          (in[i + c] - norm.running_mean(c)) * inverse_std[c] * norm.gamma(c) + norm.beta(c);
}

}  // namespace qfs

#include "22_model_comparison/qat_conv.hpp"

#include <cmath>

namespace qfs {

// These swallow what they call, or the linker might take the copies of a program
// (cmake/QfsPrecompile.cmake).
[[gnu::flatten]] void qat_forward(QatConv& layer, const PictureShape& picture,
                                  const Matrix<float>& x, bool observing, NormStatistics statistics,
                                  QatConvBuffers& buffers);
[[gnu::flatten]] void qat_backward(QatConv& layer, const PictureShape& picture,
                                   const Matrix<float>& x, NormStatistics statistics,
                                   QatConvBuffers& buffers, Matrix<float>* x_gradient);
namespace {

// to = f from, row by row; may be the same memory.
void scale_rows(const Matrix<float>& from, std::span<const float> factor, Matrix<float>& to) {
  fit_shape(to, from.shape(0), from.shape(1));
  for (std::size_t n = 0; n < from.shape(0); ++n)
    for (std::size_t k = 0; k < from.shape(1); ++k) to(n, k) = from(n, k) * factor[n];
}

// v = u / f + b, channel by channel, in place (eq. 22.3).
void unfold(std::span<const float> factor, std::span<const float> bias, Matrix<float>& u) {
  const std::span<float> all = values(u);
  for (std::size_t i = 0; i < all.size(); i += factor.size())
    for (std::size_t n = 0; n < factor.size(); ++n)
      all[i + n] = all[i + n] / factor[n] + (bias.empty() ? 0.0F : bias[n]);
}

}  // namespace

// [fold_factor]
std::vector<float> fold_factor(const BatchNorm& norm) {
  std::vector<float> factor(norm.channels());
  for (std::size_t n = 0; n < factor.size(); ++n) {
    factor[n] = norm.gamma(n) / std::sqrt(norm.running_variance(n) + norm.epsilon);  // (eq. 22.1)
    require(
        std::isnormal(factor[n]),
        [&] { return "channel " + std::to_string(n) + " cannot be folded and unfolded again"; },
        [&] {
          return "f = " + to_message(factor[n]) + " of gamma " + to_message(norm.gamma(n)) +
                 " and running variance " + to_message(norm.running_variance(n));
        },
        "a factor that is finite and neither 0 nor subnormal",
        "remove a channel whose gamma is 0 (its output is beta); else look for NaN or a huge "
        "variance, and lower the learning rate");
  }
  return factor;
}
// [/fold_factor]

Matrix<float> folded_weight(const QatConv& layer) {
  if (!layer.norm) return layer.real.weight;
  Matrix<float> folded;
  scale_rows(layer.real.weight, fold_factor(*layer.norm), folded);
  return folded;
}

Vector<float> folded_bias(const QatConv& layer) {
  const Conv2d& real = layer.real;
  if (!layer.norm) return real.bias.size() > 0 ? real.bias : make_tensor<float>({real.outputs()});
  const BatchNorm& norm = *layer.norm;
  const std::vector<float> factor = fold_factor(norm);
  Vector<float> folded = norm.beta;
  for (std::size_t n = 0; n < factor.size(); ++n) {
    const float bias = real.bias.size() > 0 ? real.bias(n) : 0.0F;
    folded(n) += factor[n] * (bias - norm.running_mean(n));  // (eq. 22.6)
  }
  return folded;
}

// [forward]
void qat_forward(QatConv& layer, const PictureShape& picture, const Matrix<float>& x,
                 bool observing, NormStatistics statistics, QatConvBuffers& buffers) {
  if (layer.norm) {
    buffers.factor = fold_factor(*layer.norm);
    scale_rows(layer.real.weight, buffers.factor, buffers.folded);  // (eq. 22.2)
  } else {
    buffers.folded = layer.real.weight;
    layer.fake.bias = layer.real.bias;
  }
  const std::span<const float> folded = values(std::as_const(buffers.folded));
  update_weight_scales(layer.weight, folded, observing);
  forward(layer.weight, folded, values(layer.fake.weight));
  conv2d_forward(layer.fake, picture, x, buffers.scratch, buffers.unfolded);
  if (!layer.norm) {
    buffers.before = buffers.unfolded;
  } else {
    unfold(buffers.factor, values(std::as_const(layer.real.bias)), buffers.unfolded);
    if (statistics == NormStatistics::batch)
      batch_norm_forward(*layer.norm, buffers.unfolded, buffers.norm, buffers.before);
    else
      batch_norm_running(*layer.norm, buffers.unfolded, buffers.before);
  }
  if (layer.relu) relu_forward(buffers.before);
  update_activation_scale(layer.output, values(std::as_const(buffers.before)), observing);
  fit_shape(buffers.after, buffers.before.shape(0), buffers.before.shape(1));
  forward(layer.output, values(std::as_const(buffers.before)), values(buffers.after));
}
// [/forward]

namespace {

// Batch norm by statistics that stand still is a line: dL/dv from dL/dy, in place.
void running_backward(BatchNorm& norm, const Matrix<float>& v, Matrix<float>& gradient) {
  const std::size_t N = norm.channels();
  std::vector<double> gamma(N, 0.0), beta(N, 0.0);
  std::vector<float> unit(N), slope(N);
  for (std::size_t n = 0; n < N; ++n) {
    unit[n] = 1.0F / std::sqrt(norm.running_variance(n) + norm.epsilon);
    slope[n] = norm.gamma(n) * unit[n];
  }
  const std::span<float> dy = values(gradient);
  for (std::size_t i = 0; i < dy.size(); i += N)
    for (std::size_t n = 0; n < N; ++n) {
      const float normalized = (values(v)[i + n] - norm.running_mean(n)) * unit[n];
      gamma[n] += static_cast<double>(dy[i + n]) * static_cast<double>(normalized);
      beta[n] += static_cast<double>(dy[i + n]);
      dy[i + n] *= slope[n];
    }
  for (std::size_t n = 0; n < N; ++n) {
    norm.gamma_gradient(n) = static_cast<float>(gamma[n]);
    norm.beta_gradient(n) = static_cast<float>(beta[n]);
  }
}

// From dL/dv to dL/du = (dL/dv) / f, in place. Returns dL/df as far as the division makes it: of
// u / f that is -(u / f) / f.
std::vector<double> unfold_backward(Conv2d& real, std::span<const float> factor,
                                    const Matrix<float>& v, Matrix<float>& gradient) {
  const std::size_t N = factor.size();
  std::vector<double> by_factor(N, 0.0), by_bias(N, 0.0);
  const std::span<float> dv = values(gradient);
  for (std::size_t i = 0; i < dv.size(); i += N)
    for (std::size_t n = 0; n < N; ++n) {
      const float quotient = values(v)[i + n] - (real.bias.size() > 0 ? real.bias(n) : 0.0F);
      by_bias[n] += static_cast<double>(dv[i + n]);
      dv[i + n] /= factor[n];
      by_factor[n] -= static_cast<double>(dv[i + n]) * static_cast<double>(quotient);
    }
  for (std::size_t n = 0; n < real.bias.size(); ++n)
    real.bias_gradient(n) = static_cast<float>(by_bias[n]);
  return by_factor;
}

}  // namespace

// [backward]
void qat_backward(QatConv& layer, const PictureShape& picture, const Matrix<float>& x,
                  NormStatistics statistics, QatConvBuffers& buffers, Matrix<float>* x_gradient) {
  Matrix<float>& gradient = buffers.gradient;
  backward(layer.output, values(std::as_const(buffers.before)), values(gradient), values(gradient));
  if (layer.relu) relu_backward(buffers.before, gradient);
  std::vector<double> by_factor;
  if (layer.norm) {
    if (statistics == NormStatistics::batch)
      batch_norm_backward(*layer.norm, gradient, buffers.norm, gradient);
    else
      running_backward(*layer.norm, buffers.unfolded, gradient);
    by_factor = unfold_backward(layer.real, buffers.factor, buffers.unfolded, gradient);
  }
  conv2d_backward(layer.fake, picture, x, gradient, buffers.scratch, x_gradient);
  Matrix<float>& by_weight = layer.real.weight_gradient;
  backward(layer.weight, values(std::as_const(buffers.folded)), values(layer.fake.weight_gradient),
           values(by_weight));
  if (!layer.norm) {
    layer.real.bias_gradient = layer.fake.bias_gradient;
    return;
  }
  for (std::size_t n = 0; n < by_factor.size(); ++n) {
    for (std::size_t k = 0; k < by_weight.shape(1); ++k) {
      by_factor[n] +=
          static_cast<double>(by_weight(n, k)) * static_cast<double>(layer.real.weight(n, k));
      by_weight(n, k) *= buffers.factor[n];  // of w_f = f w
    }
    // df/dgamma = f / gamma: the statistics may have moved since f was computed.
    layer.norm->gamma_gradient(n) +=
        static_cast<float>(by_factor[n]) * buffers.factor[n] / layer.norm->gamma(n);  // (eq. 22.5)
  }
}
// [/backward]

}  // namespace qfs

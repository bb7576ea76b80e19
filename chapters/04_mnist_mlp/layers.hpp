// The three layers of the network, each with its forward and its backward pass written by hand.
//
// Symbols as in the text: B pictures in a batch, x B x in, W out x in (one row per output, as
// PyTorch keeps it), b out, y B x out. L is the loss; the gradient of a tensor is dL/d(tensor), in
// its shape. The caller keeps the matrices of the results: a training step allocates nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "common/matmul_f32.hpp"
#include "common/tensor.hpp"

namespace qfs {

// [linear]
struct Linear {
  Matrix<float> weight;           // out x in
  Vector<float> bias;             // out
  Matrix<float> weight_gradient;  // out x in
  Vector<float> bias_gradient;    // out
  std::size_t inputs() const { return weight.shape(1); }
  std::size_t outputs() const { return weight.shape(0); }
};

// Gives `matrix` this shape; allocates only where the size changes.
template <class T>
void fit_shape(Matrix<T>& matrix, std::size_t rows, std::size_t columns) {
  if (matrix.shape(0) != rows || matrix.shape(1) != columns) matrix.resize({rows, columns});
}

// y = x W^T + b (eq. 4.1), by BLAS: the sum starts at the bias.
inline void linear_forward(const Linear& layer, const Matrix<float>& x, Matrix<float>& y) {
  fit_shape(y, x.shape(0), layer.outputs());
  for (std::size_t m = 0; m < y.shape(0); ++m)
    std::ranges::copy(values(layer.bias), row(y, m).begin());
  matmul_blas(x, Transpose::no, layer.weight, Transpose::yes, y, 1.0F);
}

// From dL/dy: dL/dW = (dL/dy)^T x and dL/db = the sum of dL/dy over the batch (eq. 4.5), stored in
// the layer; dL/dx = dL/dy W (eq. 4.6), stored in x_gradient. That one is null for the first layer,
// because the pictures are not trained.
inline void linear_backward(Linear& layer, const Matrix<float>& x, const Matrix<float>& y_gradient,
                            Matrix<float>* x_gradient) {
  matmul_blas(y_gradient, Transpose::yes, x, Transpose::no, layer.weight_gradient);
  const std::span<float> bias_gradient = values(layer.bias_gradient);
  std::ranges::fill(bias_gradient, 0.0F);
  for (std::size_t m = 0; m < y_gradient.shape(0); ++m) {
    const std::span<const float> from = row(y_gradient, m);
    for (std::size_t n = 0; n < from.size(); ++n) bias_gradient[n] += from[n];
  }
  if (x_gradient == nullptr) return;
  fit_shape(*x_gradient, x.shape(0), x.shape(1));
  matmul_blas(y_gradient, Transpose::no, layer.weight, Transpose::no, *x_gradient);
}
// [/linear]

// The same product in the fixed order of matmul_f32, the bias added last: equal bits on every
// machine. Whatever an asserted integer depends on goes through this one.
inline Matrix<float> linear_forward_ref(const Linear& layer, const Matrix<float>& x) {
  Matrix<float> y = matmul_f32(x, layer.weight);
  for (std::size_t m = 0; m < y.shape(0); ++m)
    for (std::size_t n = 0; n < y.shape(1); ++n) y(m, n) += layer.bias(n);
  return y;
}

// [relu]
// y = max(y, 0) in place (eq. 4.2). A NaN stays one, so that it is seen.
inline void relu_forward(Matrix<float>& y) {
  for (float& value : values(y)) value = value < 0.0F ? 0.0F : value;
}

// dL/d(input of ReLU) in place: dL/dy where y > 0, else 0 (eq. 4.7). y is ReLU's output. At exactly
// 0 the slope is taken as 0, as PyTorch does.
inline void relu_backward(const Matrix<float>& y, Matrix<float>& gradient) {
  require_same_shape(y, gradient, "relu_backward");
  const std::span<const float> out = values(y);
  const std::span<float> g = values(gradient);
  for (std::size_t i = 0; i < g.size(); ++i) g[i] = out[i] > 0.0F ? g[i] : 0.0F;
}
// [/relu]

// Throws Error unless there is a label for each of B rows, every one a class.
inline void require_labels(std::span<const std::uint8_t> labels, std::size_t B,
                           std::size_t classes) {
  require(labels.size() == B && B > 0, "cross_entropy: one label per row", labels.size(), B,
          "pass the labels of this very batch");
  for (std::uint8_t label : labels)
    require(
        label < classes, "cross_entropy: no such class", +label,
        [&] { return "a label below " + std::to_string(classes); },
        "check the labels or the last layer's width");
}

// [softmax]
// p = softmax(logits) of one row (eq. 4.3). The largest logit is subtracted first: p is the same,
// and no exponential overflows. p may be the same memory as logits.
inline void softmax(std::span<const float> logits, std::span<float> p) {
  const float largest = *std::ranges::max_element(logits);
  float sum = 0.0F;
  for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] = std::exp(logits[i] - largest);
  for (float& value : p) value /= sum;
}

// The mean over the batch of -log softmax(logits)[label] (eq. 4.4), and its gradient
// (softmax(logits) - onehot(label)) / B (eq. 4.8). logits B x classes, one label per row.
inline float cross_entropy(const Matrix<float>& logits, std::span<const std::uint8_t> labels,
                           Matrix<float>& gradient) {
  const std::size_t B = logits.shape(0), classes = logits.shape(1);
  require_labels(labels, B, classes);
  fit_shape(gradient, B, classes);
  const float share = 1.0F / static_cast<float>(B);
  double loss = 0.0;
  for (std::size_t m = 0; m < B; ++m) {
    const std::span<const float> z = row(logits, m);
    const std::span<float> g = row(gradient, m);
    const float largest = *std::ranges::max_element(z);
    float sum = 0.0F;
    for (std::size_t i = 0; i < classes; ++i) sum += g[i] = std::exp(z[i] - largest);
    loss += std::log(sum) - (z[labels[m]] - largest);  // log-sum-exp: never the log of 0
    const float scale = share / sum;
    for (float& value : g) value *= scale;
    g[labels[m]] -= share;
  }
  return static_cast<float>(loss / static_cast<double>(B));
}
// [/softmax]

}  // namespace qfs

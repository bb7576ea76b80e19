// Batch norm: every channel to mean 0 and variance 1 over the batch, then to a learned scale and
// offset. In use, once trained, the mean and variance are those that training has seen on average.
//
// Symbols as in the text: C channels; x and y are rows of pixels, M pixels in the batch in all.
#pragma once

#include "common/tensor.hpp"

namespace qfs {

// [batch_norm]
struct BatchNorm {
  Vector<float> gamma{}, beta{};                     // C: scale and offset
  Vector<float> running_mean{}, running_variance{};  // C: of training, for use
  Vector<float> gamma_gradient{}, beta_gradient{};   // C
  float epsilon = 1e-5F;
  float momentum = 0.1F;  // what a batch adds to the running statistics
  std::size_t channels() const { return gamma.size(); }
};

// What the forward pass leaves for the backward pass.
struct BatchNormBuffers {
  Matrix<float> normalized;        // x^, in the shape of x (eq. 20.6)
  std::vector<float> inverse_std;  // C: 1 / sqrt(variance + epsilon)
};

// gamma 1, beta 0, running mean 0 and variance 1, as torch.nn.BatchNorm2d's start.
BatchNorm make_batch_norm(std::size_t channels);

// y by the statistics of the batch (eq. 20.5 to 20.7); moves the running ones, whose variance is
// that of M - 1 (eq. 20.8). Throws Error where a channel has a single pixel: it has no variance.
void batch_norm_forward(BatchNorm& norm, const Matrix<float>& x, BatchNormBuffers& buffers,
                        Matrix<float>& y);

// From dL/dy: dL/dgamma and dL/dbeta, stored in the layer, and dL/dx (eq. 20.9), which may be
// y_gradient itself. batch_norm_forward must have run on the same x.
void batch_norm_backward(BatchNorm& norm, const Matrix<float>& y_gradient,
                         const BatchNormBuffers& buffers, Matrix<float>& x_gradient);
// [/batch_norm]

// y by the running statistics: gamma (x - mean) / sqrt(variance + epsilon) + beta, every operation
// rounded once, so that the bits are the same on every machine.
void batch_norm_running(const BatchNorm& norm, const Matrix<float>& x, Matrix<float>& y);

}  // namespace qfs

// A convolution with batch norm behind it that is trained in the integers it will have: by its
// running statistics batch norm is folded into the weights, and what is rounded are the folded
// ones.
//
// Symbols as in the text: w a weight that Adam moves, w_f the same folded, w' the folded one fake-
// quantized; f the factor of an output channel; u, v, y what the product, the division and batch
// norm give; h' the layer's output, fake-quantized. B pictures in a batch, N channels of the
// output, P of its pixels, K numbers in a patch.
#pragma once

#include <optional>

#include "09_qat/qat_linear.hpp"
#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"

namespace qfs {

// [qat_conv]
// Two copies of a layer, as in chapter 09: `real`, which Adam moves, and `fake`, whose weights are
// folded and lie on the grid, and which computes. Its bias is 0 where batch norm follows.
struct QatConv {
  Conv2d real{}, fake{};
  std::optional<BatchNorm> norm{};
  FakeQuantizer weight{}, output{};
  bool relu = true;  // between batch norm and the output's quantizer
};

// What batch norm divides by while it trains. Frozen late: first `batch`, in the end `running`.
enum class NormStatistics { batch, running };
// [/qat_conv]

// What a layer's forward pass leaves for its backward pass.
struct QatConvBuffers {
  std::vector<float> factor;    // f: N; none without batch norm
  Matrix<float> folded;         // w_f: N x K
  Matrix<float> unfolded;       // v: B x (P N); without batch norm what the convolution gives
  BatchNormBuffers norm;        // of NormStatistics::batch
  Matrix<float> before, after;  // max(y, 0), or y without ReLU; and h'
  Matrix<float> gradient;       // dL/d(after), in the end dL/du
  Conv2dScratch scratch;
};

// f = gamma / sqrt(running variance + epsilon), one per channel (eq. 22.1), in float32 and in this
// order, as PyTorch computes it. Throws Error where a channel's is 0, subnormal or not finite:
// (eq. 22.3) divides by it.
std::vector<float> fold_factor(const BatchNorm& norm);

// w_f = f w (eq. 22.2), and the bias beta + f (b - running mean) (eq. 22.6), both float32. Without
// batch norm they are the layer's own.
Matrix<float> folded_weight(const QatConv& layer);
Vector<float> folded_bias(const QatConv& layer);

// The layer up to its output's quantizer and through it (eq. 22.1 to 22.4). f is that of the
// running statistics as they were before this batch; NormStatistics::batch moves them.
void qat_forward(QatConv& layer, const PictureShape& picture, const Matrix<float>& x,
                 bool observing, NormStatistics statistics, QatConvBuffers& buffers);

// From dL/d(after) in buffers.gradient to the gradients of the real weight and bias, of gamma and
// beta, and to dL/dx in *x_gradient (null for the first layer). After qat_forward on the same x.
void qat_backward(QatConv& layer, const PictureShape& picture, const Matrix<float>& x,
                  NormStatistics statistics, QatConvBuffers& buffers, Matrix<float>* x_gradient);

}  // namespace qfs

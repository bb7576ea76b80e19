// Convolution of pictures, and its backward pass: a product of patches with the weight.
//
// Symbols as in the text: B pictures in a batch; P places of the window in each; C channels of the
// picture, N of the output, G groups; K = kh kw C / G numbers in a patch of one group.
#pragma once

#include <vector>

#include "20_float_cnn/picture.hpp"
#include "common/matmul_f32.hpp"
#include "common/tensor.hpp"

namespace qfs {

// [conv2d]
struct Conv2d {
  Window window{};
  std::size_t groups = 1;
  Matrix<float>
      weight{};          // N x K: a row is kh x kw x (C / G), as a quantized weight's (chapter 06)
  Vector<float> bias{};  // N; or none, where batch norm follows
  Matrix<float> weight_gradient{};  // in the shapes of the two
  Vector<float> bias_gradient{};
  std::size_t channels() const { return groups * weight.shape(1) / window.pixels(); }  // C
  std::size_t outputs() const { return weight.shape(0); }                              // N
};

// What the passes need beside their results: the patches of some pictures, and one picture with
// its border. Kept between steps.
struct PatchScratch {
  std::vector<float> patches, plane;
};
struct Conv2dScratch {
  PatchScratch patches{};
  std::vector<float> y{}, gradient{};
};

// The shape of y. Throws Error where the layer does not fit the picture.
PictureShape output_shape(const Conv2d& layer, const PictureShape& input);

// y = patches W^T + b (eq. 20.2), B x (P N), by BLAS.
void conv2d_forward(const Conv2d& layer, const PictureShape& input, const Matrix<float>& x,
                    Conv2dScratch& scratch, Matrix<float>& y);

// From dL/dy: dL/dW and dL/db (eq. 20.3), stored in the layer; dL/dx (eq. 20.4), stored in
// x_gradient, unless that is null.
void conv2d_backward(Conv2d& layer, const PictureShape& input, const Matrix<float>& x,
                     const Matrix<float>& y_gradient, Conv2dScratch& scratch,
                     Matrix<float>* x_gradient);
// [/conv2d]

// Patches are written a piece at a time, of so many numbers at most (or one picture's, if these are
// more): half a megabyte, little enough for the cache of a core.
inline constexpr std::size_t kPatchNumbers = std::size_t{1} << 17;

// The same in the fixed order of matmul_f32, the bias added last: equal bits on every machine.
Matrix<float> conv2d_forward_ref(const Conv2d& layer, const PictureShape& input,
                                 const Matrix<float>& x);

}  // namespace qfs

// Exercise 22.1: batch norm in front of the convolution.
//
// Some nets (pre-activation ResNets, DenseNet) normalize what a convolution reads. By its running
// statistics batch norm is again a line, channel by channel: x becomes f_c x + o_c, with
//   f_c = gamma_c / sqrt(variance_c + epsilon),   o_c = beta_c - f_c mean_c
// Fold it into the convolution behind it: return one whose outputs on x are those of `conv` on
// batch norm's x. A row of the weight is kh x kw x C, the channel c running fastest; one group.
// Beyond the picture's edge the convolution reads 0, and batch norm's line would have to give 0
// there, too. Where the window has padding, fold only if every o_c is 0; else throw qfs::Error.
// `conv` may come without a bias: what you return has one.
#pragma once

#include <cmath>

#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"
#include "common/check.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline qfs::Conv2d fold_in_front([[maybe_unused]] const qfs::BatchNorm& norm,
                                 [[maybe_unused]] const qfs::Conv2d& conv) {
  // TODO: return the folded convolution.
  qfs::not_written_yet("22.1: fold_in_front");
}

}  // namespace exercise

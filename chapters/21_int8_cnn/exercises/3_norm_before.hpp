// Exercise 21.3: a batch norm that stands before the convolution.
//
// There the batch norm has a g and an offset for every channel of the input, not of the output:
// x' = g_c x + (beta_c - mean_c g_c), g_c = gamma_c / sqrt(var_c + eps). Both are still one
// convolution: write fold_before, whose weight and bias do in one what the two did. Of a layer
// without bias the bias counts as 0; groups is 1.
//
// A border breaks it. Around x' there are zeros; around x there would have to be, in channel c,
// (mean_c - beta_c / g_c), and no layer has such a border. So throw qfs::Error (qfs::fail or
// qfs::require) where the window has one and some channel's offset is not 0. Where all offsets are
// 0, a border of 0 is the right one, and the fold is exact.
#pragma once

#include <cmath>

#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"
#include "common/exercise.hpp"

namespace exercise {

// A convolution with a bias; the window is that of `conv`. Compute in double, round once.
inline qfs::Conv2d fold_before([[maybe_unused]] const qfs::BatchNorm& norm,
                               [[maybe_unused]] const qfs::Conv2d& conv) {
  // TODO: column k of the weight belongs to channel k % C.
  qfs::not_written_yet("21.3: fold_before");
}

}  // namespace exercise

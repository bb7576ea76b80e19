// Batch norm in use is a scale and an offset for every channel, and so is the last step of a
// convolution: the two become one.
//
// Symbols as in the text: w, b a convolution's weights and bias; gamma, beta, mean, var, eps those
// of the batch norm behind it; g = gamma / sqrt(var + eps).
#pragma once

#include "20_float_cnn/cnn.hpp"

namespace qfs {

// The convolution whose outputs are those of `norm` on the outputs of `conv`:
// w' = w g (eq. 21.1), b' = beta + (b - mean) g (eq. 21.2). Computed in double, rounded to
// float32 once; double itself adds less than 2^-50 of |w g|, and of |beta| + (|b| + |mean|) |g|.
// Throws Error where the channels do not fit, where var + eps is not positive, or where a result is
// no finite float32.
Conv2d fold(const Conv2d& conv, const BatchNorm& norm);

// The same net without batch norm, its tensors numbered anew in their order. Every batch norm must
// read what a convolution writes and nobody else reads; throws Error that names the layer which
// does not, and says why.
Cnn fold_batch_norm(const Cnn& cnn);

}  // namespace qfs

// The two nets of part V.
#pragma once

#include "20_float_cnn/cnn.hpp"

namespace qfs {

// Two convolutions with ReLU and max pooling, then Linear: 28 x 28 x 1 to 10 classes.
Cnn make_small_cnn(Rng* rng, const PictureShape& picture = {28, 28, 1}, std::size_t classes = 10);

// Convolution 3 x 3 x 16, then three residual blocks of 16, 32 and 64 channels, the last two with
// stride 2, the mean over all pixels, Linear. Batch norm after every convolution.
Cnn make_residual_net(Rng* rng, const PictureShape& picture = {28, 28, 1},
                      std::size_t classes = 10);

// What residual nets are put together of, as cnn.hpp's add_conv2d: a convolution without bias and
// its batch norm; a block, whose first convolution has the stride.
std::size_t add_conv_norm(Cnn& cnn, std::size_t input, std::size_t channels, const Window& window,
                          Rng* rng);
std::size_t add_residual_block(Cnn& cnn, std::size_t input, std::size_t channels,
                               std::size_t stride, Rng* rng);

}  // namespace qfs

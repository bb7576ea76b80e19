// ResNet-18 in torchvision's shapes, with seeded weights: a net that people know, to be timed. What
// it says of a picture means nothing.
#pragma once

#include "20_float_cnn/cnn.hpp"

namespace qfs::bench {

// 7 x 7 x 64 with stride 2, max pooling, four stages of two residual blocks of 64, 128, 256 and 512
// channels, the mean over all pixels, Linear. Batch norm after every convolution.
// Every number is 0.
Cnn make_resnet18(const PictureShape& picture, std::size_t classes = 1000);

// Gaussian weights, as its training starts from; to every batch norm a seeded scale and offset, and
// the statistics that `pictures` have there, so that activations stay of the order of 1 from the
// first layer to the last, as in a trained net.
void draw_numbers(Cnn& cnn, const Matrix<float>& pictures, Rng& rng);

}  // namespace qfs::bench

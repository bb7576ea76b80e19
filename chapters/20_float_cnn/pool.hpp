// Pooling: the largest, or the mean, of what a window sees, channel by channel.
#pragma once

#include <cstdint>
#include <vector>

#include "20_float_cnn/picture.hpp"
#include "common/tensor.hpp"

namespace qfs {

// [pool]
// y = the largest number of each window, the border not counted (eq. 20.10). `winner` says which
// number of the picture it was; of equal ones the first. A NaN wins, so that it is seen.
void max_pool_forward(const Window& window, const PictureShape& input, const Matrix<float>& x,
                      std::vector<std::uint32_t>& winner, Matrix<float>& y);
// The gradient goes to the winner.
void max_pool_backward(const PictureShape& input, const Matrix<float>& y_gradient,
                       const std::vector<std::uint32_t>& winner, Matrix<float>& x_gradient);

// y = the mean of each window, its sum over the whole window's size: the border counts as 0, as in
// PyTorch (count_include_pad) (eq. 20.11). The sum runs in the window's order: equal bits
// everywhere.
void average_pool_forward(const Window& window, const PictureShape& input, const Matrix<float>& x,
                          Matrix<float>& y);
void average_pool_backward(const Window& window, const PictureShape& input,
                           const Matrix<float>& y_gradient, Matrix<float>& x_gradient);
// [/pool]

}  // namespace qfs

// Pictures in and out: the reader's own digit made like MNIST's, and sheets of small pictures.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "common/tensor.hpp"

namespace qfs::ch04 {

// [like_mnist]
// A picture of one digit, of any size, made as MNIST's were: ink 255 on paper 0, cropped to the
// ink, scaled to fit 20 x 20, and placed in 28 x 28 with its centre of mass in the middle. Dark on
// light or light on dark: the border is paper. Throws Error where there is no ink.
Matrix<std::uint8_t> like_mnist(const Matrix<std::uint8_t>& picture);
// [/like_mnist]

// One line of text per row of pixels, two characters per pixel.
std::string ascii_picture(std::span<const std::uint8_t> pixels, std::size_t rows, std::size_t cols);

// Pictures of one size, `per_row` in a row, each pixel `zoom` screen pixels wide and high, with
// grey lines between the pictures.
Matrix<std::uint8_t> sheet_of(const std::vector<Matrix<std::uint8_t>>& pictures,
                              std::size_t per_row, std::size_t zoom);

// The weights of each neuron of the first layer as a picture of rows x cols: 128 is 0, darker is
// negative, brighter positive, the largest magnitude of that neuron is black or white.
std::vector<Matrix<std::uint8_t>> weight_pictures(const Linear& layer, std::size_t rows,
                                                  std::size_t cols);

}  // namespace qfs::ch04

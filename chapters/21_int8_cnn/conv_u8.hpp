// Convolution in integers: chapter 06's product, whose left side is patches of a picture.
//
// Symbols as in the text: B pictures in a batch, P places of the window in each, G groups; K = kh
// kw C / G numbers in a patch of one group; z_x the input's zero point.
#pragma once

#include <span>
#include <vector>

#include "06_static_ptq/backend.hpp"
#include "20_float_cnn/picture.hpp"

namespace qfs {

// Pictures in memory, one after the other, with the border that the window needs around each;
// behind the last, kReadBehind readable bytes where four do not divide a row of the window.
struct PaddedPictures {
  const std::uint8_t* first = nullptr;
  PictureShape shape{};  // with the border
};

// Copies pictures of `shape` to `scratch`, with a border of the zero point on every side (eq.
// 21.4): there q - z_x is 0, as the border of reals is. Without padding nothing is
// copied, unless who reads in place could need what stands behind the last picture.
PaddedPictures pad_pictures(std::span<const std::uint8_t> pictures, const PictureShape& shape,
                            const Window& window, std::uint8_t zero_point,
                            std::vector<std::uint8_t>& scratch);

// What a LeftSide of patches reads. Its row r is the patch of picture r / P at place r % P: of
// every pixel under the window the `channels`.
struct Patches {
  PaddedPictures pictures{};
  Window window{};  // its padding is in the pictures already
  Channels channels{};
  std::size_t rows = 0, columns = 0;  // places in a picture: P = rows x columns
};

// B P patches of K numbers, written when a kernel asks for them, or, where they have all channels,
// read in place. Valid as long as `patches` is.
LeftSide patches_left_side(const Patches& patches, std::size_t pictures);

}  // namespace qfs

// IDX files, the format of MNIST and of the sets made in its image (Fashion-MNIST, EMNIST, ...).
//
// All numbers big-endian: u32 magic 0x00000801 (labels, one dimension) or 0x00000803 (images,
// three); one u32 per dimension; then the bytes, one per element. Either kind may be gzipped as a
// whole, which shows in its first two bytes, not in its name. Source: the description beside the
// four files, http://yann.lecun.com/exdb/mnist/
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/tensor.hpp"

namespace qfs {

// What a small .gz can claim must fit a small machine: a net of 100 neurons over pictures of 256 x
// 256 has 6.6 million weights, 105 MB in training, and some 400 MB where later chapters keep
// several of them. 2^28 pixels are 342 392 pictures of 28 x 28; the largest set of digits in this
// format has 240 000 (EMNIST).
inline constexpr std::size_t kMaxPictureSide = 256;
inline constexpr std::size_t kMaxPixels = std::size_t{1} << 28;

struct IdxImages {
  std::size_t rows = 0, cols = 0;  // of one picture, 1 to kMaxPictureSide
  Matrix<std::uint8_t> pixels;     // N x (rows * cols), N >= 1
};

// Both throw Error, with `name` in its message, when the file is truncated, has bytes left over,
// has another magic number, a damaged gzip stream, no element, or pictures outside the range above.
IdxImages parse_idx_images(std::span<const std::byte> file, const std::string& name);
// Also an Error: a label above 9.
std::vector<std::uint8_t> parse_idx_labels(std::span<const std::byte> file,
                                           const std::string& name);

}  // namespace qfs

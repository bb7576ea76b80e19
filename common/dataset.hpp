// The digits every chapter works on, in one order that everyone sees the same.
//
// Bundled: the first 10 000 digits of MNIST's training set, as ten PNG sheets. The last 200 digits
// of each class (in file order) are the test split (2 000), the rest the training split (8 000).
// Each split is in canonical order: round-robin over the classes 0 to 9, each class in file order;
// a class that has no digit left is skipped.
// --data DIR: four IDX files, plain or .gz, in their own order and with their own split.
// --data fashion: those of Debian's package dataset-fashion-mnist, 60 000 + 10 000 pictures of
// clothes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "common/tensor.hpp"

namespace qfs {

// The split is part of the type, so that a function which must not see test digits (calibration)
// cannot be handed any.
enum class Split { train, test };

template <Split S>
struct Digits {
  Matrix<std::uint8_t> pixels;       // N x (rows * cols), 0 is paper and 255 is ink
  std::vector<std::uint8_t> labels;  // N, each 0 to 9
  std::size_t rows = 28, cols = 28;
  std::size_t size() const { return labels.size(); }
};
using TrainDigits = Digits<Split::train>;
using TestDigits = Digits<Split::test>;

// The first `count` of them; all where there are fewer.
template <Split S>
Digits<S> first_digits(const Digits<S>& digits, std::size_t count) {
  count = std::min(count, digits.size());
  Digits<S> some{
      .pixels = make_tensor<std::uint8_t>({count, digits.pixels.shape(1)}),
      .labels = {digits.labels.begin(), digits.labels.begin() + static_cast<std::ptrdiff_t>(count)},
      .rows = digits.rows,
      .cols = digits.cols};
  std::copy_n(digits.pixels.data(), some.pixels.size(), some.pixels.data());
  return some;
}

struct Dataset {
  std::string name;  // "MNIST, first 10 000 training digits (bundled)", or the directory
  TrainDigits train;
  TestDigits test;
};

// An empty directory name means the bundled digits. Throws Error on anything missing or broken.
Dataset load_dataset(const std::string& data_dir);

// Where Debian's dataset-fashion-mnist has its four files.
inline constexpr const char* kFashionDir = "/usr/share/datasets/fashion-mnist";

// Where the bundled datasets are: the environment's QFS_DATASETS, else the source tree's datasets/.
// Installed libraries know no source tree: there, without QFS_DATASETS, it throws Error.
std::string datasets_dir();

// What to do where a file of theirs is missing or broken: "git checkout -- datasets/mnist brings
// the bundled digits back; or ...".
std::string restore_advice(const std::string& folder, const std::string& what);

inline constexpr float kPixelMean = 0.1307F, kPixelStd = 0.3081F;

// (pixel / 255 - mean) / std in float32, as torchvision's ToTensor and Normalize compute it;
// rows begin..end of `pixels`.
Matrix<float> normalized(const Matrix<std::uint8_t>& pixels, std::size_t begin, std::size_t end);

}  // namespace qfs

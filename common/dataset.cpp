#include "common/dataset.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>

#include "common/bytes.hpp"
#include "common/idx.hpp"
#include "common/image.hpp"
#include "common/sheet.hpp"

namespace qfs {
namespace {

constexpr std::size_t kClasses = 10;
constexpr std::size_t kTestPerClass = 200;
constexpr std::size_t kMaxPerClass = 10000;
// The lessons keep all test pictures as float32, some twice: 268 MB each of 85 598 of 28 x 28.
constexpr std::size_t kMaxTestPixels = std::size_t{1} << 26;

const std::string& restore() {
  static const std::string advice = restore_advice("mnist", "the bundled digits");
  return advice;
}

using ClassDigits = std::array<Matrix<std::uint8_t>, kClasses>;  // per class: count x 784

// What counts.txt says of the sheets: their digits, and pixel_sum of them, which tells sheets of
// equal size apart.
struct Counts {
  std::array<std::size_t, kClasses> counts{};
  std::array<std::string, kClasses> sums;
};

// counts.txt: ten lines "class count sum", in order.
Counts read_counts(const std::string& path) {
  const auto bytes = read_file(path, 4096);
  std::istringstream file({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  Counts read;
  for (std::size_t digit = 0; digit < kClasses; ++digit) {
    std::size_t label = 0;
    std::size_t& count = read.counts[digit];
    const bool three = static_cast<bool>(file >> label >> count >> read.sums[digit]);
    require(three && label == digit && count > kTestPerClass && count <= kMaxPerClass,
            path + ": line " + std::to_string(digit + 1) + " makes no sense",
            three ? std::to_string(label) + " " + std::to_string(count) + " " + read.sums[digit]
                  : "no class, count and sum",
            std::to_string(digit) + ", a count of 201 to 10000, and a sum", restore());
  }
  std::string rest;
  require(!(file >> rest), path + " goes on after its ten lines", rest, "nothing", restore());
  return read;
}

// The digits of one class, of which there must be `count` with this sum.
Matrix<std::uint8_t> load_sheet(const std::string& path, std::size_t count,
                                const std::string& sum) {
  const std::size_t max_side = std::max(sheet_rows(kMaxPerClass), kSheetColumns) * kSheetCell;
  Matrix<std::uint8_t> digits = unpack_sheet(load_png(path, max_side), count, path);
  require(pixel_sum(digits) == sum, path + " holds other digits than counts.txt says",
          "the sum " + pixel_sum(digits), sum, restore());
  return digits;
}

// Round-robin over the classes: digit begin[c] of every class c, then begin[c] + 1, ...
// up to end[c].
template <Split S>
Digits<S> interleave(const ClassDigits& classes, const std::array<std::size_t, kClasses>& begin,
                     const std::array<std::size_t, kClasses>& end) {
  std::size_t total = 0, longest = 0;
  for (std::size_t c = 0; c < kClasses; ++c) {
    total += end[c] - begin[c];
    longest = std::max(longest, end[c] - begin[c]);
  }
  Digits<S> digits;
  digits.rows = digits.cols = kSheetCell;
  digits.pixels = make_tensor<std::uint8_t>({total, kSheetCell * kSheetCell});
  for (std::size_t i = 0; i < longest; ++i) {
    for (std::size_t c = 0; c < kClasses; ++c) {
      if (begin[c] + i >= end[c]) continue;
      const auto source = row(classes[c], begin[c] + i);
      std::copy(source.begin(), source.end(), row(digits.pixels, digits.size()).begin());
      digits.labels.push_back(static_cast<std::uint8_t>(c));
    }
  }
  return digits;
}

Dataset load_bundled(const std::string& folder) {
  const auto [counts, sums] = read_counts(folder + "counts.txt");
  ClassDigits classes;
  std::array<std::size_t, kClasses> begin{}, split{};
  for (std::size_t c = 0; c < kClasses; ++c) {
    classes[c] = load_sheet(folder + "digit_" + std::to_string(c) + ".png", counts[c], sums[c]);
    split[c] = counts[c] - kTestPerClass;
  }
  return {"MNIST, first 10 000 training digits (bundled)",
          interleave<Split::train>(classes, begin, split),
          interleave<Split::test>(classes, split, counts)};
}

// The file of a --data directory: MNIST's own name, or the name with a dot that some archives
// carry; plain before .gz where both are there.
std::string find_idx_file(const std::string& folder, const std::string& stem,
                          const std::string& ending) {
  require_readable_directory(folder);
  for (const char* extension : {"", ".gz"})
    for (const char* separator : {"-", "."}) {
      const std::string path = folder + "/" + stem + separator + ending + extension;
      if (std::error_code ignored; std::filesystem::exists(path, ignored)) return path;
    }
  fail("--data " + folder + " lacks a file", "neither " + stem + "-" + ending + " nor its .gz",
       "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
       "t10k-labels-idx1-ubyte, plain or .gz",
       "`./learn data` fetches MNIST; Debian's dataset-fashion-mnist is another such set");
}

template <Split S>
Digits<S> load_idx_pair(const std::string& folder, const std::string& stem) {
  const std::string images_path = find_idx_file(folder, stem + "-images", "idx3-ubyte");
  const std::string labels_path = find_idx_file(folder, stem + "-labels", "idx1-ubyte");
  IdxImages images = parse_idx_images(read_file(images_path), images_path);
  Digits<S> digits;
  digits.labels = parse_idx_labels(read_file(labels_path), labels_path);
  require(images.pixels.shape(0) == digits.size(), images_path + " and its labels differ in number",
          std::to_string(digits.size()) + " labels",
          std::to_string(images.pixels.shape(0)) + " labels", "use four files of one set");
  digits.pixels = std::move(images.pixels);
  digits.rows = images.rows;
  digits.cols = images.cols;
  return digits;
}

Dataset load_idx_directory(const std::string& folder) {
  std::error_code error;
  require(std::filesystem::is_directory(folder, error), "--data " + folder + " is not a directory",
          error ? error.message() : "a file", "a directory of four MNIST-format files",
          "check the path; `./learn data` fetches MNIST into work/mnist");
  Dataset dataset{folder, load_idx_pair<Split::train>(folder, "train"),
                  load_idx_pair<Split::test>(folder, "t10k")};
  require(dataset.test.pixels.size() <= kMaxTestPixels, folder + ": too many test pictures",
          std::to_string(dataset.test.pixels.size()) + " pixels",
          "at most " + std::to_string(kMaxTestPixels), "use a part of this set");
  require(dataset.train.rows == dataset.test.rows && dataset.train.cols == dataset.test.cols,
          folder + ": training and test pictures differ in size",
          std::to_string(dataset.test.rows) + " x " + std::to_string(dataset.test.cols),
          std::to_string(dataset.train.rows) + " x " + std::to_string(dataset.train.cols),
          "use four files of one set");
  return dataset;
}

}  // namespace

Dataset load_dataset(const std::string& data_dir) {
  if (!data_dir.empty()) return load_idx_directory(data_dir);
  const std::string bundled = datasets_dir() + "/mnist/";
  return with_advice(restore(), [&] { return load_bundled(bundled); });
}

std::string restore_advice(const std::string& folder, const std::string& what) {
  return "git checkout -- datasets/" + folder + " brings " + what +
         " back; or set QFS_DATASETS to a sound copy of datasets/";
}

Matrix<float> normalized(const Matrix<std::uint8_t>& pixels, std::size_t begin, std::size_t end) {
  require(begin <= end && end <= pixels.shape(0), "normalized: these rows are not there",
          std::to_string(begin) + " to " + std::to_string(end),
          "rows within 0 to " + std::to_string(pixels.shape(0)), "check the batch's bounds");
  std::array<float, 256> value_of{};  // of every pixel value: one division fewer per pixel
  for (std::size_t pixel = 0; pixel < value_of.size(); ++pixel)
    value_of[pixel] = (static_cast<float>(pixel) / 255.0F - kPixelMean) / kPixelStd;
  auto result = make_tensor<float>({end - begin, pixels.shape(1)});
  const auto source = values(pixels).subspan(begin * pixels.shape(1), result.size());
  std::transform(source.begin(), source.end(), values(result).begin(),
                 [&](std::uint8_t pixel) { return value_of[pixel]; });
  return result;
}

}  // namespace qfs

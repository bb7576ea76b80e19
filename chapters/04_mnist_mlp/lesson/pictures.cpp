#include "04_mnist_mlp/lesson/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace qfs::ch04 {
namespace {

constexpr std::size_t kSide = 28, kBox = 20;

double border_mean(const Matrix<std::uint8_t>& picture) {
  const std::size_t rows = picture.shape(0), cols = picture.shape(1);
  double sum = 0.0, count = 0.0;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c)
      if (r == 0 || c == 0 || r + 1 == rows || c + 1 == cols) {
        sum += picture(r, c);
        count += 1.0;
      }
  return sum / count;
}

// Ink as 0 (the border's grey, or beyond) to 255 (what differs most from it).
Matrix<double> ink_of(const Matrix<std::uint8_t>& picture) {
  require(picture.size() > 0, "the picture is empty", shape_text(picture), "at least one pixel",
          "save a picture of one digit");
  const double paper = border_mean(picture);
  const double sign = paper > 127.5 ? -1.0 : 1.0;  // light paper: dark is ink
  Matrix<double> ink = make_tensor<double>({picture.shape(0), picture.shape(1)});
  double most = 0.0;
  for (std::size_t i = 0; i < ink.size(); ++i) {
    ink.data()[i] = std::max(sign * (picture.data()[i] - paper), 0.0);
    most = std::max(most, ink.data()[i]);
  }
  require(most >= 32.0, "the picture shows no digit: nothing on it differs from its border",
          "a largest difference of " + to_message(most) + " of 255", "at least 32",
          "draw one digit, dark on light or light on dark, with an empty margin around it");
  for (double& value : values(ink)) value *= 255.0 / most;
  return ink;
}

// The smallest rectangle with all pixels of at least a quarter of the full ink. end is exclusive.
struct Crop {
  std::size_t row_begin, row_end, col_begin, col_end;
  std::size_t height() const { return row_end - row_begin; }
  std::size_t width() const { return col_end - col_begin; }
};

Crop crop_of(const Matrix<double>& ink) {
  Crop crop{ink.shape(0), 0, ink.shape(1), 0};
  for (std::size_t r = 0; r < ink.shape(0); ++r)
    for (std::size_t c = 0; c < ink.shape(1); ++c) {
      if (ink(r, c) < 64.0) continue;
      crop.row_begin = std::min(crop.row_begin, r);
      crop.row_end = std::max(crop.row_end, r + 1);
      crop.col_begin = std::min(crop.col_begin, c);
      crop.col_end = std::max(crop.col_end, c + 1);
    }
  return crop;
}

// How much of the source interval [i * step, (i + 1) * step) lies in source pixel s, as a share.
double overlap(std::size_t i, double step, std::size_t s) {
  const double begin = std::max(static_cast<double>(i) * step, static_cast<double>(s));
  const double end = std::min(static_cast<double>(i + 1) * step, static_cast<double>(s + 1));
  return std::max(end - begin, 0.0) / step;
}

// The average ink under every pixel of a height x width picture laid over the crop.
Matrix<double> resample(const Matrix<double>& ink, const Crop& crop, std::size_t height,
                        std::size_t width) {
  Matrix<double> wide = make_tensor<double>({crop.height(), width});  // columns first, then rows
  const double col_step = static_cast<double>(crop.width()) / static_cast<double>(width);
  for (std::size_t c = 0; c < width; ++c)
    for (std::size_t s = 0; s < crop.width(); ++s) {
      const double share = overlap(c, col_step, s);
      for (std::size_t r = 0; share > 0.0 && r < crop.height(); ++r)
        wide(r, c) += share * ink(crop.row_begin + r, crop.col_begin + s);
    }
  Matrix<double> small = make_tensor<double>({height, width});
  const double row_step = static_cast<double>(crop.height()) / static_cast<double>(height);
  for (std::size_t r = 0; r < height; ++r)
    for (std::size_t s = 0; s < crop.height(); ++s) {
      const double share = overlap(r, row_step, s);
      for (std::size_t c = 0; share > 0.0 && c < width; ++c) small(r, c) += share * wide(s, c);
    }
  return small;
}

// Where the first pixel goes so that the centre of mass along one axis comes to the middle, 14, as
// far as the picture stays inside 28.
std::size_t offset_of(double centre, std::size_t extent) {
  const double offset = std::floor(static_cast<double>(kSide) / 2.0 - centre + 0.5);
  return static_cast<std::size_t>(std::clamp(offset, 0.0, static_cast<double>(kSide - extent)));
}

}  // namespace

Matrix<std::uint8_t> like_mnist(const Matrix<std::uint8_t>& picture) {
  const Matrix<double> ink = ink_of(picture);
  const Crop crop = crop_of(ink);
  const std::size_t longest = std::max(crop.height(), crop.width());
  const auto fitted = [&](std::size_t extent) {  // the longer side becomes 20, the other keeps pace
    return std::max<std::size_t>((extent * kBox + longest / 2) / longest, 1);
  };
  const std::size_t height = fitted(crop.height()), width = fitted(crop.width());
  const Matrix<double> small = resample(ink, crop, height, width);
  double mass = 0.0, row_centre = 0.0, col_centre = 0.0;
  for (std::size_t r = 0; r < height; ++r)
    for (std::size_t c = 0; c < width; ++c) {
      mass += small(r, c);
      row_centre += small(r, c) * (static_cast<double>(r) + 0.5);
      col_centre += small(r, c) * (static_cast<double>(c) + 0.5);
    }
  const std::size_t top = offset_of(row_centre / mass, height);
  const std::size_t left = offset_of(col_centre / mass, width);
  Matrix<std::uint8_t> digit = make_tensor<std::uint8_t>({kSide, kSide});
  for (std::size_t r = 0; r < height; ++r)
    for (std::size_t c = 0; c < width; ++c)
      digit(top + r, left + c) = static_cast<std::uint8_t>(std::min(small(r, c) + 0.5, 255.0));
  return digit;
}

std::string ascii_picture(std::span<const std::uint8_t> pixels, std::size_t rows,
                          std::size_t cols) {
  constexpr std::string_view kShades = " .:-=+*#%@";
  std::string text;
  for (std::size_t r = 0; r < rows; ++r) {
    std::string line = "  |";
    for (std::size_t c = 0; c < cols; ++c)
      line.append(2, kShades[pixels[r * cols + c] * kShades.size() / 256]);
    text += line + "|\n";
  }
  return text;
}

Matrix<std::uint8_t> sheet_of(const std::vector<Matrix<std::uint8_t>>& pictures,
                              std::size_t per_row, std::size_t zoom) {
  require(!pictures.empty() && per_row > 0 && zoom > 0, "a sheet needs pictures", pictures.size(),
          "at least one", "pass pictures of one size");
  const std::size_t rows = pictures[0].shape(0), cols = pictures[0].shape(1);
  const std::size_t down = (pictures.size() + per_row - 1) / per_row;
  const std::size_t step_r = rows * zoom + 2, step_c = cols * zoom + 2;
  Matrix<std::uint8_t> sheet =
      make_tensor<std::uint8_t>({down * step_r + 2, per_row * step_c + 2}, 96);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    require_same_shape(pictures[0], pictures[i], "sheet_of");
    const std::size_t top = i / per_row * step_r + 2, left = i % per_row * step_c + 2;
    for (std::size_t r = 0; r < rows * zoom; ++r)
      for (std::size_t c = 0; c < cols * zoom; ++c)
        sheet(top + r, left + c) = pictures[i](r / zoom, c / zoom);
  }
  return sheet;
}

std::vector<Matrix<std::uint8_t>> weight_pictures(const Linear& layer, std::size_t rows,
                                                  std::size_t cols) {
  require(layer.inputs() == rows * cols, "the weights are not pictures of this size",
          layer.inputs(), rows * cols, "pass the size of the pictures the net was trained on");
  std::vector<Matrix<std::uint8_t>> pictures;
  for (std::size_t n = 0; n < layer.outputs(); ++n) {
    const std::span<const float> w = row(layer.weight, n);
    float largest = 0.0F;
    for (float value : w) largest = std::max(largest, std::fabs(value));
    if (largest == 0.0F) largest = 1.0F;  // a row of zeros is grey
    Matrix<std::uint8_t> picture = make_tensor<std::uint8_t>({rows, cols});
    for (std::size_t i = 0; i < w.size(); ++i)
      picture.data()[i] = static_cast<std::uint8_t>(128.5F + 127.0F * (w[i] / largest));
    pictures.push_back(picture);
  }
  return pictures;
}

}  // namespace qfs::ch04

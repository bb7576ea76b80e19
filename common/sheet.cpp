#include "common/sheet.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdio>

namespace qfs {
namespace {

constexpr std::size_t kWidth = kSheetColumns * kSheetCell;

// Where line r (of 28) of digit i begins on a sheet, counted in pixels.
std::size_t offset_on_sheet(std::size_t i, std::size_t r) {
  return (i / kSheetColumns * kSheetCell + r) * kWidth + i % kSheetColumns * kSheetCell;
}

}  // namespace

Matrix<std::uint8_t> pack_sheet(const Matrix<std::uint8_t>& digits) {
  require(digits.shape(1) == kSheetCell * kSheetCell, "a sheet holds digits of 28 x 28 pixels",
          digits.shape(1), kSheetCell * kSheetCell, "pass one digit of 784 pixels per row");
  auto sheet = make_tensor<std::uint8_t>({sheet_rows(digits.shape(0)) * kSheetCell, kWidth});
  for (std::size_t i = 0; i < digits.shape(0); ++i)
    for (std::size_t r = 0; r < kSheetCell; ++r)
      std::copy_n(row(digits, i).data() + r * kSheetCell, kSheetCell,
                  sheet.data() + offset_on_sheet(i, r));
  return sheet;
}

std::string pixel_sum(const Matrix<std::uint8_t>& digits) {
  char text[16];
  std::snprintf(text, sizeof text, "%08lx", crc32_z(0, digits.data(), digits.size()));
  return text;
}

Matrix<std::uint8_t> unpack_sheet(const Matrix<std::uint8_t>& sheet, std::size_t count,
                                  const std::string& name) {
  const std::vector<std::size_t> expected = {sheet_rows(count) * kSheetCell, kWidth};
  require(shape_of(sheet) == expected,
          name + " has not the size of a sheet of " + std::to_string(count) + " digits",
          shape_text(sheet), shape_text(expected), "restore datasets/mnist from the repository");
  auto digits = make_tensor<std::uint8_t>({count, kSheetCell * kSheetCell});
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t r = 0; r < kSheetCell; ++r)
      std::copy_n(sheet.data() + offset_on_sheet(i, r), kSheetCell,
                  row(digits, i).data() + r * kSheetCell);
  return digits;
}

}  // namespace qfs

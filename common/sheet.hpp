// Sheets: many pictures of digits in one PNG, 40 to a row, as the bundled digits are kept.
#pragma once

#include <cstdint>

#include "common/tensor.hpp"

namespace qfs {

inline constexpr std::size_t kSheetCell = 28;     // rows and columns of one digit
inline constexpr std::size_t kSheetColumns = 40;  // digits in a row of cells

// Rows of cells that `count` digits take; the last row may be partly empty.
constexpr std::size_t sheet_rows(std::size_t count) {
  return (count + kSheetColumns - 1) / kSheetColumns;
}

// digits: count x 784, each row one digit. Digit i stands in cell row i / 40, cell column i % 40;
// the cells after the last digit are 0.
Matrix<std::uint8_t> pack_sheet(const Matrix<std::uint8_t>& digits);

// The CRC-32 of the digits' pixels, as eight hexadecimal digits.
std::string pixel_sum(const Matrix<std::uint8_t>& digits);

// The first `count` digits of a sheet, count x 784. Throws Error, with `name` in its message, when
// the sheet has not exactly the size that `count` digits take.
Matrix<std::uint8_t> unpack_sheet(const Matrix<std::uint8_t>& sheet, std::size_t count,
                                  const std::string& name);

}  // namespace qfs

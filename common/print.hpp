// Plain text for lessons: numbered sections, aligned tables, tensors with int8 shown as numbers,
// bars. Everything goes to stdout, which is the lesson; stderr is for progress and the machine.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/tensor.hpp"

namespace qfs {

// Prints an empty line and "[3] Title": the marks by which a README embeds a section's output.
void section(int number, std::string_view title);

// printf's %.*f, and %.*g, as text.
std::string fixed(double value, int decimals);
std::string general(double value, int digits);
// "~94.30": a number that follows from training or from the clock. It differs from machine to
// machine, and the comparison with expected_output.txt (tools/golden.cpp) lets it.
std::string measured(std::string_view number);
std::string measured(double value, int decimals);
// "93.15 %"
std::string percent(double share);
std::string percent(std::size_t part, std::size_t whole);
// "12.3 KB" style: bytes below 1024 as they are, then KB and MB of 1024 with one decimal.
std::string bytes_text(std::size_t bytes);

// A table whose columns are as wide as their widest cell; the first column is left-aligned, the
// others right-aligned. Printed with two leading spaces and a rule under the header.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  // Throws Error when the number of cells differs from the header's.
  Table& row(std::vector<std::string> cells);
  std::string text() const;
  std::string markdown() const;
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A bar of `fraction` (0 to 1) of `width` characters: "#####.....".
std::string bar(double fraction, int width);

// Prints `label` and the counts as one bar per line, scaled to the largest count.
void print_histogram(std::string_view label, std::span<const std::size_t> counts, double low,
                     double high);

// One number as a lesson shows it: integers of every width (int8 too) as digits, floats as %g.
template <class T>
std::string number_text(T value, int digits = 6) {
  if constexpr (std::is_floating_point_v<T>)
    return general(static_cast<double>(value), digits);
  else
    return std::to_string(static_cast<long long>(value));
}

// "[1, 2, 3]", at most `most` numbers, then "...".
template <class T>
std::string list_text(std::span<const T> numbers, int digits = 6, std::size_t most = 16) {
  std::string text = "[";
  for (std::size_t i = 0; i < numbers.size() && i < most; ++i)
    text += (i > 0 ? ", " : "") + number_text(numbers[i], digits);
  return text + (numbers.size() > most ? ", ...]" : "]");
}

// Prints a matrix with aligned columns under a name:  "W_q (3 x 4)".
template <class T>
void print_matrix(std::string_view name, const Matrix<T>& matrix, int digits = 6);

namespace detail {
void print_rows(std::string_view name, const std::vector<std::vector<std::string>>& rows);
}

template <class T>
void print_matrix(std::string_view name, const Matrix<T>& matrix, int digits) {
  std::vector<std::vector<std::string>> rows(matrix.shape(0));
  for (std::size_t i = 0; i < matrix.shape(0); ++i)
    for (T value : row(matrix, i)) rows[i].push_back(number_text(value, digits));
  detail::print_rows(std::string(name) + " (" + shape_text(matrix) + ")", rows);
}

}  // namespace qfs

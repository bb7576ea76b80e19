#include "diff/layout.hpp"

#include <map>

#include "common/tensor.hpp"

namespace qfs::diff {
namespace {

LayoutRule same_element() {
  return {{"the same element of both", ""}, true, [](std::size_t i) { return i; }};
}

LayoutRule transposed(const Shapes& shapes) {
  const std::size_t rows = shapes.mine[0], columns = shapes.mine[1];
  return {{"transposed", "one side stores the matrix by columns"}, false, [=](std::size_t i) {
            return i % columns * rows + i / columns;
          }};
}

// The bytes of mine are those of theirs, walked column by column.
LayoutRule read_by_columns(std::size_t rows, std::size_t columns) {
  return {{"read by columns, of the same shape", "reshaped where it should have been transposed"},
          true,
          [=](std::size_t i) { return i % rows * columns + i / rows; }};
}

// Row m of mine is row m + by of theirs.
LayoutRule rows_shifted(std::size_t rows, std::size_t columns, int by) {
  const std::string text = by < 0 ? "one row too low" : "one row too high";
  return {{text, "an index, or the start of a buffer, is off by one row"}, true, [=](auto i) {
            const std::size_t row = i / columns;
            if (row == (by < 0 ? 0 : rows - 1)) return kOutside;
            return by < 0 ? i - columns : i + columns;
          }};
}

// Column n of mine is column n + by of theirs.
LayoutRule columns_shifted(std::size_t columns, int by) {
  const std::string text =
      by < 0 ? "one column too far to the right" : "one column too far to the left";
  return {{text, "an index within a row is off by one"}, true, [=](std::size_t i) {
            if (i % columns == (by < 0 ? 0 : columns - 1)) return kOutside;
            return by < 0 ? i - 1 : i + 1;
          }};
}

LayoutRule columns_mirrored(std::size_t columns) {
  return {{"the columns in reverse order", "the last axis is walked backwards, as BGR for RGB"},
          true,
          [=](std::size_t i) { return i + columns - 1 - 2 * (i % columns); }};
}

LayoutRule rows_mirrored(std::size_t rows, std::size_t columns) {
  return {{"the rows in reverse order", "an image stored from its bottom row up"},
          true,
          [=](std::size_t i) { return (rows - 1 - i / columns) * columns + i % columns; }};
}

using Line = std::vector<std::int64_t>;  // a row or a column

std::vector<Line> lines_of(std::span<const std::int64_t> values, std::size_t columns,
                           bool by_column) {
  std::vector<Line> lines(by_column ? columns : values.size() / columns);
  for (std::size_t i = 0; i < values.size(); ++i)
    lines[by_column ? i % columns : i / columns].push_back(values[i]);
  return lines;
}

// For every line of mine the line of theirs that it is, each used once; empty where there is none.
std::vector<std::size_t> permutation_of(const std::vector<Line>& mine,
                                        const std::vector<Line>& theirs) {
  std::map<Line, std::vector<std::size_t>> places;
  std::vector<std::size_t> from(mine.size(), mine.size());
  for (std::size_t n = 0; n < mine.size(); ++n) {
    if (mine[n] == theirs[n])
      from[n] = n;
    else
      places[theirs[n]].push_back(n);
  }
  for (std::size_t n = 0; n < mine.size(); ++n) {
    if (from[n] == n) continue;
    const auto found = places.find(mine[n]);
    if (found == places.end() || found->second.empty()) return {};
    from[n] = found->second.back();
    found->second.pop_back();
  }
  return from;
}

// "2 <- 5, 5 <- 2": at most three of those that moved.
std::string moves_text(const std::vector<std::size_t>& from, std::size_t& moved) {
  std::string text;
  moved = 0;
  for (std::size_t n = 0; n < from.size(); ++n)
    if (from[n] != n && ++moved <= 3)
      text += (moved > 1 ? ", " : "") + std::to_string(n) + " is " + std::to_string(from[n]);
  return moved > 3 ? text + ", ..." : text;
}

void add_permutation(const Shapes& shapes, std::span<const std::int64_t> mine,
                     std::span<const std::int64_t> expected, bool by_column,
                     std::vector<LayoutRule>& rules) {
  const std::size_t columns = shapes.columns();
  const auto from =
      permutation_of(lines_of(mine, columns, by_column), lines_of(expected, columns, by_column));
  std::size_t moved = 0;
  const std::string text = moves_text(from, moved);
  if (moved == 0) return;
  const std::string what = by_column ? "columns" : "rows";
  rules.push_back({{what + " permuted: " + text,
                    "the " + what + " of one side are stored in another order", moved},
                   true,
                   [=](std::size_t i) {
                     return by_column ? i - i % columns + from[i % columns]
                                      : from[i / columns] * columns + i % columns;
                   }});
}

}  // namespace

std::size_t Shapes::rows() const { return element_count(mine) / columns(); }

void require_comparable(const Shapes& shapes) {
  require(shapes.same() || shapes.transposed(), "the two tensors have different shapes",
          shape_text(shapes.mine), shape_text(shapes.theirs) + ", or its transpose",
          "compare the same layer of both");
}

std::vector<LayoutRule> layout_rules(const Shapes& shapes) {
  std::vector<LayoutRule> rules = {same_element()};
  const std::size_t rows = shapes.rows(), columns = shapes.columns();
  if (shapes.transposed()) rules.push_back(transposed(shapes));
  if (!shapes.same()) return rules;
  if (rows > 1 && columns > 1 && rows != columns) rules.push_back(read_by_columns(rows, columns));
  for (const int by : {-1, 1}) {
    if (rows > 2) rules.push_back(rows_shifted(rows, columns, by));
    if (columns > 2) rules.push_back(columns_shifted(columns, by));
  }
  if (columns > 1) rules.push_back(columns_mirrored(columns));
  if (rows > 1) rules.push_back(rows_mirrored(rows, columns));
  return rules;
}

void add_permutations(const Shapes& shapes, std::span<const std::int64_t> mine,
                      std::span<const std::int64_t> expected, std::vector<LayoutRule>& rules) {
  if (!shapes.same() || shapes.rows() < 2) return;
  for (const bool by_column : {true, false})
    if ((by_column ? shapes.columns() : shapes.rows()) > 1)
      add_permutation(shapes, mine, expected, by_column, rules);
}

}  // namespace qfs::diff

// Where an element of the user's tensor stands in the other one.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "diff/rules.hpp"

namespace qfs::diff {

struct Shapes {
  std::vector<std::size_t> mine, theirs;
  bool same() const { return mine == theirs; }
  bool transposed() const {
    return mine.size() == 2 && theirs.size() == 2 && mine[0] == theirs[1] && mine[1] == theirs[0];
  }
  // The tensor of `mine` as a matrix: all axes but the last are rows.
  std::size_t columns() const { return mine.empty() ? 1 : mine.back(); }
  std::size_t rows() const;
};
// Throws Error unless the shapes are equal or each other's transpose.
void require_comparable(const Shapes& shapes);

// The place of an element that comes from outside of the other tensor, as the row that a shift
// brings in does: it may be anything.
inline constexpr std::size_t kOutside = SIZE_MAX;

// A row of the table of layouts: the element's place in the other tensor, or kOutside.
struct LayoutRule {
  Choice choice;
  bool needs_same_shape = true;
  std::function<std::size_t(std::size_t element)> place;
};

// What the rule gives for an element whose place in the other tensor is known; nothing where the
// layout does not fit the shapes.
template <class Given>
std::optional<Bounds> at_place(const LayoutRule& layout, const Shapes& shapes, std::size_t element,
                               Given given) {
  if (layout.needs_same_shape && !shapes.same()) return std::nullopt;
  const std::size_t place = layout.place(element);
  return place == kOutside ? kAnything : given(place);
}

// The same element, transposed, read by columns, shifted by one row or column, mirrored.
std::vector<LayoutRule> layout_rules(const Shapes& shapes);

// Adds permuted columns and permuted rows where those of `mine` are those of `expected` in another
// order.
void add_permutations(const Shapes& shapes, std::span<const std::int64_t> mine,
                      std::span<const std::int64_t> expected, std::vector<LayoutRule>& rules);

}  // namespace qfs::diff

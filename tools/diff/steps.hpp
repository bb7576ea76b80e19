// From a real number of steps to the stored integer: rounding, zero point, clamp, storage. Each is
// a table, a row of which is a way to do it; row 0 is this course's.
#pragma once

#include <vector>

#include "diff/integers.hpp"
#include "diff/layout.hpp"
#include "diff/rules.hpp"

namespace qfs::diff {

struct RoundingRule {
  Choice choice;
  // In float32 the half of "ties up" is added in float32.
  double (*round)(double steps, bool in_float32);
};

// The zero point z becomes times * z + plus.
struct ZeroPointRule {
  Choice choice;
  std::int64_t times = 1, plus = 0;
  bool before_rounding = false;
  std::int64_t of(std::int64_t zero_point) const { return times * zero_point + plus; }
};

struct ClampRule {
  Choice choice;
  // `steps` are rounded; z is still to be added to them; `zero` is the integer that stands for 0.
  std::int64_t (*clamp)(std::int64_t steps, std::int64_t z, std::int64_t zero, QuantRange range,
                        QuantRange storage);
};

struct StorageRule {
  Choice choice;
  bool as_other_signedness = false;  // clamped to the range of the other one, then reinterpreted
  bool swaps_bytes = false;
};

// The dimensions that every kind of rules with steps begins with, in this order.
enum : std::size_t { kRounding, kZeroPoint, kClamp, kStorage, kLayout, kFirstOwn };

struct StepRules {
  std::vector<RoundingRule> roundings;
  std::vector<ZeroPointRule> zero_points;
  std::vector<ClampRule> clamps;
  std::vector<StorageRule> storages;
  std::vector<LayoutRule> layouts;
  std::vector<Dimension> dimensions() const;
  // The stored integer, from steps that were computed in float32 or in float64.
  std::int64_t finish(const Rule& rule, double steps, bool in_float32, std::int64_t zero_point,
                      QuantRange range, QuantRange storage) const;
  // The same where rounding is not this rule's affair.
  std::int64_t finish_rounded(const Rule& rule, double rounded, std::int64_t zero_point,
                              QuantRange range, QuantRange storage) const;
};

StepRules step_rules(const Integers& mine, const Shapes& shapes, QuantRange range);

// Adds what can only be found in `mine` itself: a zero point that is off, permuted rows or columns.
// `expected` is what the course's rule gives.
void add_fitted(const Integers& mine, const Shapes& shapes, std::span<const std::int64_t> expected,
                QuantRange range, StepRules& rules);

// What the course's rule gives for every element; empty where it gives nothing for some.
std::vector<std::int64_t> expected_by_course(const RuleSpace& space, std::size_t elements);

// The choices of a table, in its order.
template <class Row>
Dimension dimension_of(std::string name, const std::vector<Row>& rows) {
  Dimension dimension{std::move(name), {}};
  for (const Row& row : rows) dimension.choices.push_back(row.choice);
  return dimension;
}

}  // namespace qfs::diff

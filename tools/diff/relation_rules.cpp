#include <algorithm>
#include <limits>

#include "diff/fit.hpp"
#include "diff/layout.hpp"
#include "diff/questions.hpp"
#include "diff/steps.hpp"

namespace qfs::diff {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min(),
                       kHighest = std::numeric_limits<std::int64_t>::max();

Ends ends_of(std::span<const std::int64_t> values) {
  const auto [low, high] = std::ranges::minmax_element(values);
  return {*low, *high};
}

// A row of the table: what mine is where theirs, at that place, is `q`.
struct ValueRule {
  Choice choice;
  std::function<Bounds(std::int64_t q, std::size_t place)> of;
};

std::string ends_text(Ends ends) {
  return std::to_string(ends.low) + ".." + std::to_string(ends.high);
}

// Theirs plus an offset. Where theirs stands at an end it may have been clamped there, and mine lie
// anywhere beyond.
ValueRule with_offset(std::int64_t offset, Ends mine, Ends theirs) {
  const std::string advice = offset == 128 || offset == -128
                                 ? "one side is signed, the other unsigned: z differs by 128 too"
                                 : "the zero points differ by this much";
  const std::string text = "theirs " + std::string(offset < 0 ? "- " : "+ ");
  return {{text + std::to_string(std::abs(offset)), advice, 1},
          [=](std::int64_t q, std::size_t) -> Bounds {
            const std::int64_t sum = std::clamp(q + offset, mine.low, mine.high);
            return {q == theirs.low ? mine.low : sum, q == theirs.high ? mine.high : sum};
          }};
}

// Mine holds what a clamp took from theirs.
ValueRule before_their_clamp(Ends theirs) {
  return {{"theirs before it was clamped to " + ends_text(theirs),
           "my range is larger: theirs is narrow or reduced, or has a fused ReLU", 2},
          [=](std::int64_t q, std::size_t) -> Bounds {
            return {q == theirs.low ? kLowest : q, q == theirs.high ? kHighest : q};
          }};
}

std::vector<ValueRule> value_rules(const Integers& mine, const Integers& theirs) {
  const Ends my_ends = ends_of(mine.values), their_ends = ends_of(theirs.values);
  const QuantRange mine_type = mine.storage, their_type = theirs.storage;
  std::vector<ValueRule> rules = {
      {{"equal", ""}, [](std::int64_t q, std::size_t) { return q; }},
      {{"theirs, negated", "a sign: real = s * (q - z) on one side, s * (z - q) on the other"},
       [](std::int64_t q, std::size_t) { return -q; }},
      {{"theirs, clamped to " + ends_text(my_ends),
        "one side has a smaller range: narrow, reduced, or a fused ReLU", 2},
       [=](std::int64_t q, std::size_t) { return std::clamp(q, my_ends.low, my_ends.high); }},
      before_their_clamp(their_ends)};
  if (bits_of(mine_type) < bits_of(their_type))
    rules.push_back({{"theirs, wrapped around in the type of mine",
                      "a conversion to fewer bits without a clamp"},
                     [=](std::int64_t q, std::size_t) { return wrapped(q, mine_type); }});
  if (bits_of(mine_type) == bits_of(their_type) && is_narrow_type(their_type))
    rules.push_back(
        {{"the same bits as the other signedness", "a cast between int8 and uint8 keeps the bits"},
         [=](std::int64_t q, std::size_t) { return wrapped(q, other_signedness(their_type)); }});
  if (bits_of(their_type) > 8)
    rules.push_back({{"theirs with its bytes in the other order",
                      "one side is big-endian: numpy's '>i2' or '>i4'"},
                     [=](std::int64_t q, std::size_t) { return bytes_swapped(q, their_type); }});
  return rules;
}

// One constant for every column, or for every row: those that the first of each shows.
void add_constants(const Integers& mine, const Integers& theirs, const Shapes& shapes,
                   std::vector<ValueRule>& rules) {
  const std::size_t rows = shapes.rows(), columns = shapes.columns();
  if (rows < 2 || columns < 2) return;
  std::vector<std::int64_t> by_column, by_row;
  for (std::size_t n = 0; n < columns; ++n) by_column.push_back(mine.values[n] - theirs.values[n]);
  for (std::size_t m = 0; m < rows; ++m)
    by_row.push_back(mine.values[m * columns] - theirs.values[m * columns]);
  rules.push_back({{"theirs + a constant of each column",
                    "the bias, or the folded term z_x sum q_w, differs", columns},
                   [=](std::int64_t q, std::size_t i) { return q + by_column[i % columns]; }});
  rules.push_back({{"theirs + a constant of each row",
                    "the term z_w sum q_x, of weights with a zero point, differs", rows},
                   [=](std::int64_t q, std::size_t i) { return q + by_row[i / columns]; }});
}

void add_fitted_values(const Integers& mine, const Integers& theirs, const Shapes& shapes,
                       std::vector<ValueRule>& rules) {
  const Ends my_ends = ends_of(mine.values), their_ends = ends_of(theirs.values);
  if (const auto offset = fitted_offset(mine.values, my_ends, theirs.values, their_ends))
    rules.push_back(with_offset(*offset, my_ends, their_ends));
  add_constants(mine, theirs, shapes, rules);
}

}  // namespace

RuleSpace relation_rules(const Integers& mine, const Integers& theirs) {
  const Shapes shapes{mine.shape, theirs.shape};
  require_comparable(shapes);
  std::vector<ValueRule> values = value_rules(mine, theirs);
  std::vector<LayoutRule> layouts = layout_rules(shapes);
  if (shapes.same()) {
    add_fitted_values(mine, theirs, shapes, values);
    add_permutations(shapes, mine.values, theirs.values, layouts);
  }
  const std::vector<std::int64_t> data = theirs.values;
  const auto evaluate = [=](const Rule& rule, std::size_t i) {
    return at_place(layouts[rule[1]], shapes, i,
                    [&](std::size_t place) { return values[rule[0]].of(data[place], place); });
  };
  return {{dimension_of("value", values), dimension_of("layout", layouts)}, evaluate, "equality"};
}

}  // namespace qfs::diff

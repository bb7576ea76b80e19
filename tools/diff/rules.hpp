// The rules by which someone may have made integers, and the search for those that explain
// all of them.
//
// A rule is one choice in every dimension (rounding, zero point, clamp ...). Choice 0 is this
// course's; every other is a deviation. The search finds the rules with the fewest deviations, at
// most two, that give every element, and counts the elements that tell them from their rivals.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qfs::diff {

struct Choice {
  std::string text;    // "halves go away from zero"
  std::string advice;  // where to look in the code that does it
  // How many numbers of the choice were found in the user's own integers: a fitted number explains
  // less than one that was known before.
  std::size_t fitted = 0;
};

struct Dimension {
  std::string name;
  std::vector<Choice> choices;
};

using Rule = std::vector<std::size_t>;  // an index into choices for every dimension

// What a rule gives for one element: an integer, or, where the other side was clamped and the rule
// cannot say more, all from low to high.
struct Bounds {
  std::int64_t low = 0, high = 0;
  Bounds(std::int64_t q) : low(q), high(q) {}  // implicit: nearly every rule gives one integer
  Bounds(std::int64_t lowest, std::int64_t highest) : low(lowest), high(highest) {}
  bool hold(std::int64_t q) const { return low <= q && q <= high; }
  friend bool operator==(const Bounds&, const Bounds&) = default;
};

inline const Bounds kAnything{std::numeric_limits<std::int64_t>::min(),
                              std::numeric_limits<std::int64_t>::max()};

struct RuleSpace {
  std::vector<Dimension> dimensions;
  // For one element of the user's tensor; nothing where the rule makes no sense.
  std::function<std::optional<Bounds>(const Rule&, std::size_t element)> evaluate;
  std::string no_deviation = "the course's rule";  // the name of choice 0 everywhere
};

// The numbers of a rule that were fitted.
std::size_t fitted_numbers(const RuleSpace& space, const Rule& rule);

struct Score {
  Rule rule;
  std::size_t explained = 0;  // elements
};

struct Findings {
  std::size_t deviations = 0;  // of the rules in `complete`
  std::vector<Rule> complete;  // explain every element; empty when none was found
  std::vector<Score> best;     // the course's rule, then single deviations by elements explained
  std::size_t tried = 0;       // rules
  bool one_number = false;     // all of `mine`: then deviations are not tried
  std::size_t differing = 0;   // elements that the course's rule does not explain

  // The evidence for `complete`: the rule that comes nearest to explaining every element without
  // doing so, with no more fitted numbers; on how many elements it fails; and how many are needed.
  Rule rival;
  std::size_t rival_fails = 0, needed = 0;
  bool is_clear() const { return !complete.empty() && rival_fails >= needed; }
};

// Where all of `mine` are one number, only the course's rule counts: enough deviations give any one
// number, and naming them would explain nothing.
Findings search(const RuleSpace& space, std::span<const std::int64_t> mine);

// The elements by which a rule must be told from every rival. A wrong rule that agrees with an
// element by accident as often as not agrees with log2(tried) of them for one of the rules tried;
// 4 more leave 1 chance in 16. Two elements decide a fitted number.
std::size_t elements_needed(std::size_t tried, std::size_t fitted);

}  // namespace qfs::diff

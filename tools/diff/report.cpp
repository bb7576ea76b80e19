#include "diff/report.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "common/print.hpp"

namespace qfs::diff {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kMostRules = 6;

std::string elements_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " element" : " elements");
}

std::string place_text(std::span<const std::size_t> shape, std::size_t element) {
  std::string text;
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    text += (axis > 0 ? ", " : "") + std::to_string(channel_of(shape, axis, element));
  return "[" + text + "]";
}

void print_explanation(const RuleSpace& space, const Rule& rule) {
  for (std::size_t d = 0; d < rule.size(); ++d) {
    if (rule[d] == 0) continue;
    const Choice& choice = space.dimensions[d].choices[rule[d]];
    print_wrapped("  - ", space.dimensions[d].name + ": " + choice.text);
    print_wrapped("      instead of: ", space.dimensions[d].choices[0].text);
    print_wrapped("      note:       ", choice.advice);
  }
}

void print_rules(const RuleSpace& space, const std::vector<Rule>& rules) {
  for (std::size_t i = 0; i < rules.size() && i < kMostRules; ++i) {
    if (i > 0) std::printf("or, which this data cannot tell apart:\n");
    print_explanation(space, rules[i]);
  }
  if (rules.size() > kMostRules)
    std::printf("and %zu more that this data cannot tell apart\n", rules.size() - kMostRules);
}

// The elements that the verdict rests on, and the rival that comes nearest.
void print_evidence(const RuleSpace& space, const Findings& findings, const Integers& mine) {
  print_wrapped("evidence: ",
                std::to_string(findings.differing) + " of " + elements_text(mine.values.size()) +
                    (findings.differing == 1 ? " differs" : " differ") + " from " +
                    space.no_deviation + "; of the " + std::to_string(findings.tried) +
                    " rules tried the nearest that does not explain them all (" +
                    rule_text(space, findings.rival) + ") fails at " +
                    std::to_string(findings.rival_fails) + "; at least " +
                    std::to_string(findings.needed) + " are needed for a verdict");
}

void print_complete(const RuleSpace& space, const Findings& findings, const Integers& mine) {
  const std::string by = findings.deviations == 1 ? "one deviation" : "two deviations together";
  if (findings.is_clear())
    std::printf("explained: every element, by %s\n", by.c_str());
  else
    print_wrapped("too few to tell: ",
                  "every element fits, by " + by + ", but " + elements_text(findings.rival_fails) +
                      " cannot tell it from an accident: compare more of them");
  print_rules(space, findings.complete);
  print_evidence(space, findings, mine);
}

// What the differences from a rule have in common.
struct Differences {
  std::vector<std::int64_t> values;
  std::int64_t low = 0, high = 0;
};

std::optional<Differences> differences_from(const RuleSpace& space, const Rule& rule,
                                            const Integers& mine) {
  Differences differences;
  for (std::size_t i = 0; i < mine.values.size(); ++i) {
    const auto expected = space.evaluate(rule, i);
    if (!expected) return std::nullopt;
    const std::int64_t nearest = std::clamp(mine.values[i], expected->low, expected->high);
    differences.values.push_back(mine.values[i] - nearest);
  }
  const auto [low, high] = std::ranges::minmax_element(differences.values);
  differences.low = *low;
  differences.high = *high;
  return differences;
}

// Whether every column, or every row, differs by a constant of its own.
bool is_constant_along(const Differences& differences, std::size_t columns, bool by_column) {
  const std::vector<std::int64_t>& d = differences.values;
  const std::size_t rows = d.size() / columns;
  if (rows < 2 || columns < 2) return false;
  for (std::size_t i = 0; i < d.size(); ++i)
    if (d[i] != d[by_column ? i % columns : i - i % columns]) return false;
  return true;
}

std::string pattern_of(const Differences& differences, const Integers& mine) {
  const std::string low = std::to_string(differences.low), high = std::to_string(differences.high);
  if (differences.low == differences.high)
    return "every element is off by " + low + ": look at the zero point";
  const std::size_t columns = mine.shape.empty() ? 1 : mine.shape.back();
  if (is_constant_along(differences, columns, true))
    return "every column is off by a constant of its own: look at the bias and the folded "
           "zero-point terms";
  if (is_constant_along(differences, columns, false))
    return "every row is off by a constant of its own: look at the row sums, and at parameters per "
           "row";
  if (differences.low >= -1 && differences.high <= 1)
    return "no element is off by more than 1: look at rounding, and at the last digits of the "
           "scales";
  return "the differences lie between " + low + " and " + high +
         ": look at the scale, the layout, and whether both sides saw the same data";
}

// The rule to look for a first difference from: the course's, unless another explains far more.
const Rule& closest_rule(const Findings& findings, std::size_t elements) {
  const Score& ours = findings.best.front();
  const auto most = std::ranges::max_element(
      findings.best, [](const Score& a, const Score& b) { return a.explained < b.explained; });
  return most->explained > ours.explained + elements / 2 ? most->rule : ours.rule;
}

void print_first_difference(const RuleSpace& space, const Rule& rule, const Integers& mine) {
  for (std::size_t i = 0; i < mine.values.size(); ++i) {
    const auto expected = space.evaluate(rule, i);
    if (expected && expected->hold(mine.values[i])) continue;
    print_wrapped("  ", "first difference from \"" + rule_text(space, rule) + "\":");
    std::printf("    %s is %lld, expected %s\n", place_text(mine.shape, i).c_str(),
                static_cast<long long>(mine.values[i]),
                expected ? std::to_string(expected->low).c_str() : "a tensor of another layout");
    return;
  }
}

void print_unexplained(const RuleSpace& space, const Findings& findings, const Integers& mine) {
  if (findings.one_number)
    print_wrapped("not explained: ", "your integers are all " + std::to_string(mine.values[0]) +
                                         ". Many rules give one number everywhere, so none is "
                                         "named: compare a tensor whose integers differ.");
  else
    std::printf("not explained: no rule gives every element (%zu tried)\n", findings.tried);
  std::printf("  elements explained, of %zu, by\n", mine.values.size());
  for (std::size_t i = 0; i < findings.best.size() && i < kMostRules; ++i) {
    std::string count = std::to_string(findings.best[i].explained);
    count.insert(0, count.size() < 9 ? 9 - count.size() : 0, ' ');
    print_wrapped(count + "  ", rule_text(space, findings.best[i].rule));
  }
  const Rule& rule = closest_rule(findings, mine.values.size());
  print_first_difference(space, rule, mine);
  if (const auto differences = differences_from(space, rule, mine))
    print_wrapped("  ", pattern_of(*differences, mine));
}

}  // namespace

void print_wrapped(const std::string& prefix, const std::string& text) {
  std::string line = prefix;
  bool is_empty = true;
  std::istringstream words(text);
  for (std::string word; words >> word; is_empty = false) {
    if (!is_empty && line.size() + 1 + word.size() > kWidth) {
      std::printf("%s\n", line.c_str());
      line = std::string(prefix.size(), ' ');
      is_empty = true;
    }
    line += (is_empty ? "" : " ") + word;
  }
  std::printf("%s\n", line.c_str());
}

std::string rule_text(const RuleSpace& space, const Rule& rule) {
  std::string text;
  for (std::size_t d = 0; d < rule.size(); ++d)
    if (rule[d] != 0)
      text += (text.empty() ? "" : "; ") + space.dimensions[d].name + ": " +
              space.dimensions[d].choices[rule[d]].text;
  return text.empty() ? space.no_deviation : text;
}

int print_findings(const RuleSpace& space, const Findings& findings, const Integers& mine) {
  if (findings.complete.empty()) {
    print_unexplained(space, findings, mine);
    return 1;
  }
  if (findings.deviations == 0) {
    std::printf("equal: every element is what it should be\n");
    return 0;
  }
  print_complete(space, findings, mine);
  return findings.is_clear() ? 0 : 1;
}

}  // namespace qfs::diff

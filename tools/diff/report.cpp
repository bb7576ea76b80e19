#include "diff/report.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "common/print.hpp"

namespace qfs::diff {
namespace {

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
    std::printf("  - %s: %s\n", space.dimensions[d].name.c_str(), choice.text.c_str());
    std::printf("      instead of: %s\n", space.dimensions[d].choices[0].text.c_str());
    std::printf("      note:       %s\n", choice.advice.c_str());
  }
}

void print_complete(const RuleSpace& space, const Findings& findings) {
  constexpr std::size_t kMost = 6;
  std::printf("explained: every element, by %s\n",
              findings.deviations == 1 ? "one deviation" : "two deviations together");
  for (std::size_t i = 0; i < findings.complete.size() && i < kMost; ++i) {
    if (i > 0) std::printf("or, which this data cannot tell apart:\n");
    print_explanation(space, findings.complete[i]);
  }
  if (findings.complete.size() > kMost)
    std::printf("and %zu more that this data cannot tell apart\n",
                findings.complete.size() - kMost);
}

// What the differences from the course's rule have in common.
std::string pattern_of(const RuleSpace& space, const Rule& rule, const Integers& mine) {
  std::vector<std::int64_t> differences;
  for (std::size_t i = 0; i < mine.values.size(); ++i) {
    const auto expected = space.evaluate(rule, i);
    if (!expected) return "";
    differences.push_back(mine.values[i] - *expected);
  }
  const auto [low, high] = std::minmax_element(differences.begin(), differences.end());
  if (*low == *high)
    return "every element is off by " + std::to_string(*low) + ": look at the zero point";
  const std::size_t columns = mine.shape.empty() ? 1 : mine.shape.back();
  bool by_column = differences.size() > columns;
  for (std::size_t i = columns; i < differences.size(); ++i)
    by_column = by_column && differences[i] == differences[i - columns];
  if (by_column)
    return "every column is off by a constant of its own: look at the bias and the folded "
           "zero-point terms";
  if (*low >= -1 && *high <= 1)
    return "no element is off by more than 1: look at rounding, and at the last digits of the "
           "scales";
  return "the differences lie between " + std::to_string(*low) + " and " + std::to_string(*high) +
         ": look at the scale, the layout, and whether both sides saw the same data";
}

// The rule to look for a first difference from: the course's, unless another explains far more.
const Rule& closest_rule(const Findings& findings, std::size_t elements) {
  const Score& ours = findings.best.front();
  const auto most =
      std::max_element(findings.best.begin(), findings.best.end(),
                       [](const Score& a, const Score& b) { return a.explained < b.explained; });
  return most->explained > ours.explained + elements / 2 ? most->rule : ours.rule;
}

void print_unexplained(const RuleSpace& space, const Findings& findings, const Integers& mine) {
  if (findings.one_number)
    std::printf(
        "not explained: your integers are all %lld. Many rules give one number everywhere, so\n"
        "none is named: compare a tensor whose integers differ.\n",
        static_cast<long long>(mine.values[0]));
  else
    std::printf("not explained: no rule gives every element (%zu tried)\n", findings.tried);
  Table table({"rule", "elements explained"});
  for (std::size_t i = 0; i < findings.best.size() && i < 6; ++i)
    table.row(
        {rule_text(space, findings.best[i].rule), std::to_string(findings.best[i].explained)});
  table.print();
  const Rule& rule = closest_rule(findings, mine.values.size());
  for (std::size_t i = 0; i < mine.values.size(); ++i) {
    const auto expected = space.evaluate(rule, i);
    if (expected == mine.values[i]) continue;
    std::printf("  first difference from \"%s\": %s is %lld, expected %s\n",
                rule_text(space, rule).c_str(), place_text(mine.shape, i).c_str(),
                static_cast<long long>(mine.values[i]),
                expected ? std::to_string(*expected).c_str() : "a tensor of another layout");
    break;
  }
  const std::string pattern = pattern_of(space, rule, mine);
  if (!pattern.empty()) std::printf("  %s\n", pattern.c_str());
}

}  // namespace

std::string rule_text(const RuleSpace& space, const Rule& rule) {
  std::string text;
  for (std::size_t d = 0; d < rule.size(); ++d)
    if (rule[d] != 0)
      text += (text.empty() ? "" : "; ") + space.dimensions[d].name + ": " +
              space.dimensions[d].choices[rule[d]].text;
  return text.empty() ? "the course's rule" : text;
}

int print_findings(const RuleSpace& space, const Findings& findings, const Integers& mine) {
  if (findings.complete.empty()) {
    print_unexplained(space, findings, mine);
    return 1;
  }
  if (findings.deviations == 0)
    std::printf("equal: every element is what it should be\n");
  else
    print_complete(space, findings);
  return 0;
}

}  // namespace qfs::diff

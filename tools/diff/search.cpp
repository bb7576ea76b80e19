#include <algorithm>

#include "diff/rules.hpp"

namespace qfs::diff {
namespace {

std::size_t count_explained(const RuleSpace& space, const Rule& rule,
                            std::span<const std::int64_t> mine) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < mine.size(); ++i) count += space.evaluate(rule, i) == mine[i] ? 1 : 0;
  return count;
}

bool explains_all(const RuleSpace& space, const Rule& rule, std::span<const std::int64_t> mine) {
  for (std::size_t i = 0; i < mine.size(); ++i)
    if (space.evaluate(rule, i) != mine[i]) return false;
  return true;
}

std::vector<Rule> single_deviations(const RuleSpace& space) {
  std::vector<Rule> rules;
  for (std::size_t d = 0; d < space.dimensions.size(); ++d)
    for (std::size_t c = 1; c < space.dimensions[d].choices.size(); ++c) {
      rules.emplace_back(space.dimensions.size(), 0);
      rules.back()[d] = c;
    }
  return rules;
}

// Both deviations at once, where they lie in different dimensions.
std::optional<Rule> combined(const Rule& a, const Rule& b) {
  Rule both = a;
  for (std::size_t d = 0; d < a.size(); ++d) {
    if (b[d] == 0) continue;
    if (a[d] != 0) return std::nullopt;
    both[d] = b[d];
  }
  return both;
}

}  // namespace

Findings search(const RuleSpace& space, std::span<const std::int64_t> mine) {
  Findings findings;
  const auto try_rule = [&](const Rule& rule, std::size_t deviations) {
    ++findings.tried;
    const std::size_t explained = count_explained(space, rule, mine);
    findings.best.push_back({rule, explained});
    if (explained < mine.size()) return;
    findings.deviations = deviations;
    findings.complete.push_back(rule);
  };
  try_rule(Rule(space.dimensions.size(), 0), 0);
  if (!findings.complete.empty()) return findings;
  findings.one_number = std::ranges::all_of(mine, [&](std::int64_t q) { return q == mine[0]; });
  if (findings.one_number) return findings;
  const std::vector<Rule> singles = single_deviations(space);
  for (const Rule& rule : singles) try_rule(rule, 1);
  std::stable_sort(findings.best.begin() + 1, findings.best.end(),
                   [](const Score& a, const Score& b) { return a.explained > b.explained; });
  if (!findings.complete.empty()) return findings;
  for (std::size_t a = 0; a < singles.size(); ++a)
    for (std::size_t b = a + 1; b < singles.size(); ++b)
      if (const auto both = combined(singles[a], singles[b])) {
        ++findings.tried;
        if (explains_all(space, *both, mine)) findings.complete.push_back(*both);
      }
  findings.deviations = 2;
  return findings;
}

}  // namespace qfs::diff

#include <algorithm>
#include <bit>

#include "diff/rules.hpp"

namespace qfs::diff {
namespace {

bool explains(const RuleSpace& space, const Rule& rule, std::size_t element, std::int64_t q) {
  const auto given = space.evaluate(rule, element);
  return given && given->hold(q);
}

// The elements a rule does not explain; counting ends at `most`.
std::size_t count_failures(const RuleSpace& space, const Rule& rule,
                           std::span<const std::int64_t> mine, std::size_t most) {
  std::size_t failures = 0;
  for (std::size_t i = 0; i < mine.size() && failures < most; ++i)
    if (!explains(space, rule, i, mine[i])) ++failures;
  return failures;
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

// No rule needs more elements than this many, so that counting failures may end there.
std::size_t most_needed(const RuleSpace& space, std::size_t tried) {
  std::size_t fitted = 0;
  for (const Dimension& dimension : space.dimensions)
    for (const Choice& choice : dimension.choices) fitted = std::max(fitted, choice.fitted);
  return elements_needed(tried, 2 * fitted);
}

struct Failure {
  Rule rule;
  std::size_t elements = 0;  // where counting ended, at most
};

// Of the rules that explain everything, those with the fewest fitted numbers stay.
void keep_simplest(const RuleSpace& space, std::vector<Rule>& complete) {
  std::size_t fewest = SIZE_MAX;
  for (const Rule& rule : complete) fewest = std::min(fewest, fitted_numbers(space, rule));
  std::erase_if(complete, [&](const Rule& r) { return fitted_numbers(space, r) > fewest; });
}

// Sorts the rules that were tried into those that explain everything and their nearest rival.
void judge(const RuleSpace& space, const std::vector<Failure>& failures, Findings& findings) {
  for (const Failure& failure : failures)
    if (failure.elements == 0) findings.complete.push_back(failure.rule);
  if (findings.complete.empty()) return;
  keep_simplest(space, findings.complete);
  const std::size_t fitted = fitted_numbers(space, findings.complete[0]);
  findings.needed = elements_needed(findings.tried, fitted);
  findings.rival_fails = SIZE_MAX;
  for (const Failure& failure : failures) {
    if (failure.elements == 0 || failure.elements >= findings.rival_fails) continue;
    if (fitted_numbers(space, failure.rule) > fitted) continue;
    findings.rival = failure.rule;
    findings.rival_fails = failure.elements;
  }
}

std::vector<Rule> pairs_of(const std::vector<Rule>& singles) {
  std::vector<Rule> pairs;
  for (std::size_t a = 0; a < singles.size(); ++a)
    for (std::size_t b = a + 1; b < singles.size(); ++b)
      if (auto both = combined(singles[a], singles[b])) pairs.push_back(std::move(*both));
  return pairs;
}

}  // namespace

std::size_t fitted_numbers(const RuleSpace& space, const Rule& rule) {
  std::size_t fitted = 0;
  for (std::size_t d = 0; d < rule.size(); ++d)
    fitted += space.dimensions[d].choices[rule[d]].fitted;
  return fitted;
}

std::size_t elements_needed(std::size_t tried, std::size_t fitted) {
  return 4 + static_cast<std::size_t>(std::bit_width(tried)) + 2 * fitted;
}

Findings search(const RuleSpace& space, std::span<const std::int64_t> mine) {
  Findings findings;
  std::vector<Failure> failures;
  const auto try_rule = [&](const Rule& rule) {
    failures.push_back({rule, count_failures(space, rule, mine, SIZE_MAX)});
    findings.best.push_back({rule, mine.size() - failures.back().elements});
    ++findings.tried;
  };
  const Rule ours(space.dimensions.size(), 0);
  try_rule(ours);
  findings.differing = failures[0].elements;
  if (findings.differing == 0) {
    findings.complete = {ours};
    return findings;
  }
  findings.one_number = std::ranges::all_of(mine, [&](std::int64_t q) { return q == mine[0]; });
  if (findings.one_number) return findings;
  const std::vector<Rule> singles = single_deviations(space);
  for (const Rule& rule : singles) try_rule(rule);
  std::stable_sort(findings.best.begin() + 1, findings.best.end(),
                   [](const Score& a, const Score& b) { return a.explained > b.explained; });
  findings.deviations = 1;
  judge(space, failures, findings);
  if (!findings.complete.empty()) return findings;
  const std::vector<Rule> pairs = pairs_of(singles);
  findings.tried += pairs.size();
  findings.deviations = 2;
  const std::size_t most = most_needed(space, findings.tried);
  for (const Rule& rule : pairs)
    failures.push_back({rule, count_failures(space, rule, mine, most)});
  judge(space, failures, findings);
  return findings;
}

}  // namespace qfs::diff

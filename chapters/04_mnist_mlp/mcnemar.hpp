// Two classifiers on the same digits: is one better, or is it chance?
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "common/check.hpp"
#include "common/print.hpp"

namespace qfs {

// [mcnemar]
// Digits that only one of the two gets right, and the chance p of a split at least as uneven if
// each of them fell to either side like a coin (eq. 4.15; McNemar, 1947, exact). Digits on which
// both are right, or both wrong, say nothing about the difference.
struct PairedResult {
  std::size_t only_a = 0, only_b = 0;
  std::size_t classes_differ = 0;  // also where both are wrong, each in its own way
  double p = 1.0;
};

// min(1, 2 P[X <= k]) for X ~ Binomial(n, 1/2), k the smaller side. Terms are relative to the
// middle one, so that nothing overflows, and need no logarithm: the same digits on every machine.
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b, smaller = std::min(only_a, only_b);
  double tail = 0.0, all = 0.0, term = 1.0;  // C(n, i) / C(n, n/2), from the middle down
  for (std::size_t i = n / 2;; --i) {
    const bool middle = 2 * i == n;
    all += middle ? term : 2.0 * term;  // both sides, the middle once
    if (i <= smaller) tail += term;
    if (i == 0) break;
    term *= static_cast<double>(i) / static_cast<double>(n - i + 1);
  }
  return std::min(1.0, 2.0 * tail / all);
}
// [/mcnemar]

// "0.123", or "<0.001".
inline std::string p_text(double p) { return p < 0.001 ? "<0.001" : fixed(p, 3); }

inline PairedResult compare_classes(std::span<const std::uint8_t> a,
                                    std::span<const std::uint8_t> b,
                                    std::span<const std::uint8_t> labels) {
  require(a.size() == labels.size() && b.size() == labels.size(),
          "paired results need one prediction per label from both", a.size(), labels.size(),
          "classify the digits of these very labels with both");
  PairedResult result;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool a_right = a[i] == labels[i], b_right = b[i] == labels[i];
    result.only_a += a_right && !b_right ? 1 : 0;
    result.only_b += b_right && !a_right ? 1 : 0;
    result.classes_differ += a[i] != b[i] ? 1 : 0;
  }
  result.p = mcnemar_p(result.only_a, result.only_b);
  return result;
}

// Whether b loses no more than chance: p > 0.05, and at most 0.5 points of `digits`.
inline bool is_by_chance(const PairedResult& pair, std::size_t digits) {
  const double lost = static_cast<double>(pair.only_a) - static_cast<double>(pair.only_b);
  return pair.p > 0.05 && lost <= 0.005 * static_cast<double>(digits);
}

// Adds a net to a table with the columns name, right, accuracy, 95 % interval, only a, only b, p,
// where a is `other`, the net it is compared with; null for a net that is compared with none.
inline PairedResult add_compared(Table& table, const std::string& name,
                                 const std::vector<std::uint8_t>& classes,
                                 const std::vector<std::uint8_t>* other,
                                 std::span<const std::uint8_t> labels) {
  const std::size_t right = count_correct(classes, labels);
  const WilsonInterval interval = wilson_interval(right, labels.size());
  std::vector<std::string> cells = {
      name, std::to_string(right), fixed(100.0 * interval.share, 2) + " %",
      fixed(100.0 * interval.low, 2) + " to " + fixed(100.0 * interval.high, 2)};
  PairedResult pair;
  if (other != nullptr) {
    pair = compare_classes(*other, classes, labels);
    cells.insert(cells.end(),
                 {std::to_string(pair.only_a), std::to_string(pair.only_b), p_text(pair.p)});
  } else {
    cells.insert(cells.end(), 3, "-");
  }
  table.row(cells);
  return pair;
}

}  // namespace qfs

// Answers to exercise 15.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch15_2_test.cpp"

// Adds the bins of `from`, each to the bin of `to` that holds the point `at` of it (0 its left
// edge, 1 its right one).
inline void add_bins(qfs::Histogram& to, const qfs::Histogram& from, double at) {
  for (std::size_t j = 0; j < from.counts.size(); ++j) {
    const auto bin =
        static_cast<std::size_t>((static_cast<double>(j) + at) * from.width / to.width);
    if (bin >= to.counts.size()) to.counts.resize(bin + 1, 0);
    to.counts[bin] += from.counts[j];
  }
}
inline const qfs::Histogram& coarser(const qfs::Histogram& a, const qfs::Histogram& b) {
  return a.width >= b.width ? a : b;
}
inline const qfs::Histogram& finer(const qfs::Histogram& a, const qfs::Histogram& b) {
  return a.width >= b.width ? b : a;
}

namespace add_to_the_coarser {
const Answer kAnswer = right("adds the finer to the coarser");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  add_bins(merged, finer(a, b), 0.5);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace add_to_the_coarser

namespace from_nothing {
const Answer kAnswer = right("starts from nothing and adds both");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged{.width = std::max(a.width, b.width), .counts = {}};
  add_bins(merged, b, 0.5);
  add_bins(merged, a, 0.5);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace from_nothing

namespace by_index {
const Answer kAnswer = wrong("adds bin to bin, whatever their widths");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  const qfs::Histogram& other = finer(a, b);
  merged.counts.resize(std::max(merged.counts.size(), other.counts.size()));
  for (std::size_t j = 0; j < other.counts.size(); ++j) merged.counts[j] += other.counts[j];
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace by_index

namespace left_edges {
const Answer kAnswer = wrong("goes by the left edge of a bin");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  add_bins(merged, finer(a, b), 0.0);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace left_edges

namespace right_edges {
const Answer kAnswer = wrong("goes by the right edge of a bin");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  add_bins(merged, finer(a, b), 1.0 - 1e-9);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace right_edges

namespace finer_width {
const Answer kAnswer = wrong("keeps the finer width");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  if (a.width == 0.0 || b.width == 0.0) return coarser(a, b);
  qfs::Histogram merged = finer(a, b);
  add_bins(merged, coarser(a, b), 0.5);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace finer_width

namespace width_of_a {
const Answer kAnswer = wrong("keeps the width of the first");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  if (a.width == 0.0) return b;
  qfs::Histogram merged = a;
  add_bins(merged, b, 0.5);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace width_of_a

namespace never_longer {
const Answer kAnswer = wrong("drops what lies beyond the coarser one");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  const std::size_t bins = merged.counts.size();
  add_bins(merged, finer(a, b), 0.5);
  merged.counts.resize(bins);
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace never_longer

namespace last_bin_takes_all {
const Answer kAnswer = wrong("puts what lies beyond into the last bin");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  const qfs::Histogram& other = finer(a, b);
  for (std::size_t j = 0; j < other.counts.size() && !merged.counts.empty(); ++j) {
    const auto bin = static_cast<std::size_t>(other.center(j) / merged.width);
    merged.counts[std::min(bin, merged.counts.size() - 1)] += other.counts[j];
  }
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace last_bin_takes_all

namespace only_one {
const Answer kAnswer = wrong("keeps the coarser one alone");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  return coarser(a, b);
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace only_one

namespace overwrites {
const Answer kAnswer = wrong("overwrites counts in place of adding to them");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  const qfs::Histogram& other = finer(a, b);
  for (std::size_t j = 0; j < other.counts.size(); ++j) {
    const auto bin = static_cast<std::size_t>(other.center(j) / merged.width);
    if (bin >= merged.counts.size()) merged.counts.resize(bin + 1, 0);
    merged.counts[bin] = other.counts[j];
  }
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace overwrites

namespace skips_empty_bins {
const Answer kAnswer = wrong("grows for counts alone, not for empty bins");
namespace exercise {
inline qfs::Histogram merge(const qfs::Histogram& a, const qfs::Histogram& b) {
  qfs::Histogram merged = coarser(a, b);
  const qfs::Histogram& other = finer(a, b);
  for (std::size_t j = 0; j < other.counts.size(); ++j) {
    if (other.counts[j] == 0) continue;
    const auto bin = static_cast<std::size_t>(other.center(j) / merged.width);
    if (bin >= merged.counts.size()) merged.counts.resize(bin + 1, 0);
    merged.counts[bin] += other.counts[j];
  }
  return merged;
}
}  // namespace exercise
#include "tests/exercises/ch15_2_test.cpp"
}  // namespace skips_empty_bins

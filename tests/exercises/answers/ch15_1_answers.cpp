// Answers to exercise 15.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch15_1_test.cpp"

// Sums of the counts before bin i.
inline double before_bin(const qfs::Histogram& h, std::size_t i) {
  double sum = 0.0;
  for (std::size_t j = 0; j < i; ++j) sum += static_cast<double>(h.counts[j]);
  return sum;
}
inline double count_of(const qfs::Histogram& h, std::size_t i) {
  return static_cast<double>(h.counts[i]);
}
// The first bin up to and with which `wanted` counts lie.
inline std::size_t bin_reaching(const qfs::Histogram& h, double wanted) {
  std::size_t i = 0;
  while (i + 1 < h.counts.size() && before_bin(h, i + 1) < wanted) ++i;
  return i;
}
inline double wanted_of(const qfs::Histogram& h, double percent) {
  return percent * before_bin(h, h.counts.size()) / 100.0;
}

namespace by_its_parts {
const Answer kAnswer = right("finds the bin, then the share");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i) + (wanted - before_bin(h, i)) / count_of(h, i) * h.width;
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace by_its_parts

namespace from_the_right {
const Answer kAnswer = right("steps back from the right edge");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i + 1) - h.width * ((before_bin(h, i + 1) - wanted) / count_of(h, i));
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace from_the_right

namespace left_edge {
const Answer kAnswer = wrong("takes the left edge, as the chapter");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i);
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace left_edge

namespace right_edge {
const Answer kAnswer = wrong("takes the right edge");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i + 1);
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace right_edge

namespace centre {
const Answer kAnswer = wrong("takes the centre");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.center(i);
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace centre

namespace share_of_what_is_left {
const Answer kAnswer = wrong("takes the share that is left over in the bin");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i) + (before_bin(h, i + 1) - wanted) / count_of(h, i) * h.width;
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace share_of_what_is_left

namespace share_of_all {
const Answer kAnswer = wrong("divides by all counts in place of the bin's");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i) + (wanted - before_bin(h, i)) / before_bin(h, h.counts.size()) * h.width;
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace share_of_all

namespace no_width {
const Answer kAnswer = wrong("forgets the width in the bin");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i) + (wanted - before_bin(h, i)) / count_of(h, i);
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace no_width

namespace next_bin {
const Answer kAnswer = wrong("goes on to the next value where the bin is reached exactly");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  std::size_t i = 0;
  while (i + 1 < h.counts.size() && before_bin(h, i + 1) <= wanted) ++i;
  return h.edge(i) + (wanted - before_bin(h, i)) / std::max(count_of(h, i), 1.0) * h.width;
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace next_bin

namespace of_bins {
const Answer kAnswer = wrong("takes a share of the bins, not of the counts");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  return percent / 100.0 * h.edge(h.counts.size());
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace of_bins

namespace as_a_fraction {
const Answer kAnswer = wrong("takes percent for a fraction");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = std::min(100.0 * wanted_of(h, percent), before_bin(h, h.counts.size()));
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i) + (wanted - before_bin(h, i)) / count_of(h, i) * h.width;
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace as_a_fraction

namespace whole_counts {
const Answer kAnswer = wrong("rounds the wanted count up");
namespace exercise {
inline double percentile_inside(const qfs::Histogram& h, double percent) {
  if (h.counts.empty()) return 0.0;
  const double wanted = wanted_of(h, percent);
  const std::size_t i = bin_reaching(h, wanted);
  return h.edge(i) + (std::ceil(wanted) - before_bin(h, i)) / count_of(h, i) * h.width;
}
}  // namespace exercise
#include "tests/exercises/ch15_1_test.cpp"
}  // namespace whole_counts

// Answers to exercise 15.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch15_3_test.cpp"

// The two mistakes of the colleague, and others, as switches.
struct Ways {
  bool whole_p = false;         // P is not clipped
  bool all_members = false;     // empty bins are members of their level
  bool outliers_in_q = false;   // before Q is made
  bool no_outliers = false;     // what lies beyond is dropped
  bool outliers_first = false;  // in the first bin in place of the last
  bool two = false;             // logarithms of base 2
  bool reversed = false;        // Q from P
  bool not_normalized = false;
  bool zero_for_infinite = false;
  bool smoothed = false;  // 0 becomes 0.0001
};

inline double divergence_by(const std::vector<std::uint64_t>& counts, std::size_t i,
                            std::size_t levels, const Ways& ways) {
  std::vector<double> p(counts.begin(), counts.end()), q(counts.size(), 0.0);
  const auto end = p.begin() + static_cast<std::ptrdiff_t>(i);
  const double beyond = ways.no_outliers ? 0.0 : std::accumulate(end, p.end(), 0.0);
  if (!ways.whole_p) p.resize(i), q.resize(i);
  const std::vector<double> bare = p;
  double& last = ways.outliers_first ? p[0] : p[i - 1];
  if (!ways.whole_p) last += beyond;
  const std::vector<double>& source = ways.outliers_in_q ? p : bare;
  for (std::size_t k = 0; k < levels; ++k) {
    double sum = 0.0, members = 0.0;
    for (std::size_t j = 0; j < i; ++j) {
      if (j * levels / i != k) continue;
      sum += source[j];
      members += source[j] > 0.0 || ways.all_members ? 1.0 : 0.0;
    }
    for (std::size_t j = 0; j < i; ++j)
      if (j * levels / i == k && (source[j] > 0.0 || ways.all_members)) q[j] = sum / members;
  }
  if (ways.smoothed)
    for (double& value : q) value = std::max(value, 1e-4);
  if (ways.reversed) std::swap(p, q);
  double all_p = std::accumulate(p.begin(), p.end(), 0.0);
  double all_q = std::accumulate(q.begin(), q.end(), 0.0);
  if (all_q == 0.0) return ways.zero_for_infinite ? 0.0 : HUGE_VAL;
  if (ways.not_normalized) all_q = all_p;
  double sum = 0.0;
  for (std::size_t j = 0; j < p.size(); ++j) {
    if (p[j] == 0.0) continue;
    if (q[j] == 0.0 && ways.zero_for_infinite) continue;
    if (q[j] == 0.0) return HUGE_VAL;
    sum += p[j] / all_p * std::log(p[j] / all_p / (q[j] / all_q));
  }
  return ways.two ? sum / std::log(2.0) : sum;
}

namespace bin_by_bin {
const Answer kAnswer = right("goes bin by bin");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace bin_by_bin

namespace level_sums {
const Answer kAnswer = right("takes one logarithm a level");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  double inside = 0.0, beyond = 0.0, sum = 0.0;
  for (std::size_t j = 0; j < counts.size(); ++j)
    (j < i ? inside : beyond) += static_cast<double>(counts[j]);
  if (inside == 0.0 || (counts[i - 1] == 0 && beyond > 0.0)) return HUGE_VAL;
  for (std::size_t k = 0; k < levels; ++k) {
    double level = 0.0, used = 0.0;
    for (std::size_t j = 0; j < i; ++j)
      if (j * levels / i == k && counts[j] > 0)
        level += static_cast<double>(counts[j]), used += 1.0;
    for (std::size_t j = 0; j < i; ++j) {
      const double p = static_cast<double>(counts[j]) + (j + 1 == i ? beyond : 0.0);
      if (j * levels / i == k && p > 0.0) sum += p * std::log(p / (level / used));
    }
  }
  return sum / (inside + beyond) + std::log(inside / (inside + beyond));
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace level_sums

namespace as_the_colleague {
const Answer kAnswer = wrong("leaves both mistakes");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.whole_p = true, .all_members = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace as_the_colleague

namespace whole_p {
const Answer kAnswer = wrong("leaves P unclipped");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.whole_p = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace whole_p

namespace all_members {
const Answer kAnswer = wrong("leaves empty bins in their levels");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.all_members = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace all_members

namespace outliers_in_both {
const Answer kAnswer = wrong("adds the outliers before Q is made");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.outliers_in_q = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace outliers_in_both

namespace drops_outliers {
const Answer kAnswer = wrong("drops what lies beyond");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.no_outliers = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace drops_outliers

namespace outliers_first {
const Answer kAnswer = wrong("adds the outliers to the first bin");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.outliers_first = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace outliers_first

namespace bits {
const Answer kAnswer = wrong("measures in bits");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.two = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace bits

namespace reversed {
const Answer kAnswer = wrong("takes Q from P");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.reversed = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace reversed

namespace not_normalized {
const Answer kAnswer = wrong("divides both by the sum of P");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.not_normalized = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace not_normalized

namespace skips_infinite {
const Answer kAnswer = wrong("leaves out the bins where Q is 0");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.zero_for_infinite = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace skips_infinite

namespace smooths {
const Answer kAnswer = wrong("smooths the zeros of Q away");
namespace exercise {
inline double divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                         std::size_t levels) {
  return divergence_by(counts, i, levels, {.smoothed = true});
}
}  // namespace exercise
#include "tests/exercises/ch15_3_test.cpp"
}  // namespace smooths

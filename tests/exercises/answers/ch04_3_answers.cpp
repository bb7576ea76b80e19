// Answers to exercise 4.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch04_3_test.cpp"

using exercise::Interval;
using exercise::Verdict;

// The solution with room for a mistake in each of its parts.
struct Parts {
  double z = 1.959964, more_tries = 0.0, middle_shift = 1.0, under_the_root = 1.0;
  bool clamp = true, shrink = true;
};

inline Interval assemble(const Parts& parts, std::size_t correct, std::size_t total) {
  const double z = parts.z, n = static_cast<double>(total) + parts.more_tries,
               p = static_cast<double>(correct) / n;
  const double shrink = parts.shrink ? 1.0 + z * z / n : 1.0;
  const double middle = (p + parts.middle_shift * z * z / (2.0 * n)) / shrink;
  const double half =
      z / shrink * std::sqrt(p * (1.0 - p) / n + parts.under_the_root * z * z / (4.0 * n * n));
  if (!parts.clamp) return {middle - half, middle + half};
  return {std::max(middle - half, 0.0), std::min(middle + half, 1.0)};
}

inline Verdict decide(bool a, bool b) {
  return a ? Verdict::a_is_better : b ? Verdict::b_is_better : Verdict::cannot_say;
}

inline Verdict right_verdict(std::size_t a, std::size_t b, std::size_t total) {
  const Interval of_a = assemble({}, a, total), of_b = assemble({}, b, total);
  return decide(of_a.low > of_b.high, of_b.low > of_a.high);
}

namespace in_counts {
const Answer kAnswer = right("multiplies the formula by n, and looks at the better net only");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  const auto k = static_cast<double>(correct), n = static_cast<double>(total);
  const double zz = 1.959964 * 1.959964,
               root = std::sqrt(zz) * std::sqrt(zz + 4.0 * k * (n - k) / n);
  const double low = (2.0 * k + zz - root) / (2.0 * (n + zz)),
               high = (2.0 * k + zz + root) / (2.0 * (n + zz));
  return {std::clamp(low, 0.0, 1.0), std::clamp(high, 0.0, 1.0)};
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  const bool apart = wilson(std::max(a, b), total).low > wilson(std::min(a, b), total).high;
  return apart ? (a > b ? Verdict::a_is_better : Verdict::b_is_better) : Verdict::cannot_say;
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace in_counts

namespace by_symmetry {
const Answer kAnswer = right("finds the upper end as 1 less the lower end of the mistakes");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline double lower_end(double k, double n) {
  const double z = 1.959964, p = k / n;
  return std::fmax(
      0.0, (p + z * z / n / 2.0 - z * std::sqrt(p * (1.0 - p) / n + std::pow(z / n / 2.0, 2.0))) /
               (1.0 + z * z / n));
}
inline Interval wilson(std::size_t correct, std::size_t total) {
  return {lower_end(static_cast<double>(correct), static_cast<double>(total)),
          1.0 - lower_end(static_cast<double>(total - correct), static_cast<double>(total))};
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  if (wilson(b, total).high < wilson(a, total).low) return Verdict::a_is_better;
  return wilson(a, total).high < wilson(b, total).low ? Verdict::b_is_better : Verdict::cannot_say;
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace by_symmetry

namespace wald {
const Answer kAnswer = wrong("takes p and its standard error");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.middle_shift = 0.0, .under_the_root = 0.0, .shrink = false}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace wald

namespace not_shrunk {
const Answer kAnswer = wrong("does not divide by 1 + z^2 / n");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.shrink = false}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace not_shrunk

namespace middle_at_p {
const Answer kAnswer = wrong("leaves the middle at p");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.middle_shift = 0.0}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace middle_at_p

namespace root_of_p_alone {
const Answer kAnswer = wrong("leaves z^2 / 4n^2 out of the root");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.under_the_root = 0.0}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace root_of_p_alone

namespace two_decimals {
const Answer kAnswer = wrong("takes 1.96 for z");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.z = 1.96}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace two_decimals

namespace one_sided {
const Answer kAnswer = wrong("takes the one-sided z");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.z = 1.644854}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace one_sided

namespace not_clamped {
const Answer kAnswer = wrong("leaves [0, 1] by a rounding");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({.clamp = false}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace not_clamped

namespace whole_division {
const Answer kAnswer = wrong("divides integers");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({}, correct / total * total, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(a, b, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace whole_division

namespace more_digits_is_better {
const Answer kAnswer = wrong("compares the counts");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return total == 0 ? Verdict::cannot_say : decide(a > b, b > a);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace more_digits_is_better

namespace other_way_round {
const Answer kAnswer = wrong("says the opposite");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(b, a, total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace other_way_round

namespace share_outside {
const Answer kAnswer = wrong("asks whether a share lies outside the other's interval");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  const double of_a = static_cast<double>(a) / static_cast<double>(total),
               of_b = static_cast<double>(b) / static_cast<double>(total);
  return decide(of_a > wilson(b, total).high, of_b > wilson(a, total).high);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace share_outside

namespace difference_tested {
const Answer kAnswer = wrong("tests the difference of the shares");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  const double n = static_cast<double>(total), of_a = static_cast<double>(a) / n,
               of_b = static_cast<double>(b) / n;
  const double error = 1.959964 * std::sqrt((of_a * (1.0 - of_a) + of_b * (1.0 - of_b)) / n);
  return decide(of_a - of_b > error, of_b - of_a > error);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace difference_tested

namespace never_sure {
const Answer kAnswer = wrong("never decides");
namespace exercise {
using ::exercise::Interval;
using ::exercise::Verdict;
inline Interval wilson(std::size_t correct, std::size_t total) {
  return assemble({}, correct, total);
}
inline Verdict compare(std::size_t a, std::size_t b, std::size_t total) {
  return right_verdict(std::min(a, b), std::min(a, b), total);
}
}  // namespace exercise
#include "tests/exercises/ch04_3_test.cpp"
}  // namespace never_sure

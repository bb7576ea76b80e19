// Answers to exercise 4.4.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch04_4_test.cpp"

inline double log_binomial(std::size_t n, std::size_t i) {
  const auto gamma = [](std::size_t k) { return std::lgamma(static_cast<double>(k) + 1.0); };
  return gamma(n) - gamma(i) - gamma(n - i);
}

// C(n, first) + ... + C(n, last), over 2^n.
inline double share(std::size_t n, std::size_t first, std::size_t last) {
  double sum = 0.0;
  for (std::size_t i = first; i <= last; ++i)
    sum += std::exp(log_binomial(n, i) - static_cast<double>(n) * std::log(2.0));
  return sum;
}

namespace by_logarithms {
const Answer kAnswer = right("adds exponentials of logarithms of Gamma");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b;
  return std::fmin(1.0, 2.0 * share(n, 0, std::min(only_a, only_b)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace by_logarithms

namespace coin_by_coin {
const Answer kAnswer = right("walks up from 2^-n, kept as a number and an exponent");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b, k = only_a < only_b ? only_a : only_b;
  double term = 1.0, sum = 0.0;
  int exponent = -static_cast<int>(n);
  for (std::size_t i = 0; i <= k; ++i) {
    sum += term;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1);
    if (sum < 1e200) continue;
    sum = std::ldexp(sum, -600);
    term = std::ldexp(term, -600);
    exponent += 600;
  }
  return std::min(1.0, std::ldexp(sum, exponent + 1));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace coin_by_coin

namespace one_sided {
const Answer kAnswer = wrong("forgets the other side");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  return std::min(1.0, share(only_a + only_b, 0, std::min(only_a, only_b)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace one_sided

namespace above_1 {
const Answer kAnswer = wrong("goes above 1");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  return 2.0 * share(only_a + only_b, 0, std::min(only_a, only_b));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace above_1

namespace larger_count {
const Answer kAnswer = wrong("sums up to the larger of the two counts");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  return std::min(1.0, 2.0 * share(only_a + only_b, 0, std::max(only_a, only_b)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace larger_count

namespace always_the_first {
const Answer kAnswer = wrong("sums up to the first count");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  return std::min(1.0, 2.0 * share(only_a + only_b, 0, only_a));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace always_the_first

namespace last_term_left_out {
const Answer kAnswer = wrong("sums up to k - 1");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t k = std::min(only_a, only_b);
  return std::min(1.0, k == 0 ? 0.0 : 2.0 * share(only_a + only_b, 0, k - 1));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace last_term_left_out

namespace zero_left_out {
const Answer kAnswer = wrong("begins at i = 1");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  return std::min(1.0, 2.0 * share(only_a + only_b, 1, std::min(only_a, only_b)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace zero_left_out

namespace one_term {
const Answer kAnswer = wrong("takes C(n, k) for the sum");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t k = std::min(only_a, only_b);
  return std::min(1.0, 2.0 * share(only_a + only_b, k, k));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace one_term

namespace half_of_the_last {
const Answer kAnswer = wrong("counts the last term half");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b, k = std::min(only_a, only_b);
  return std::min(1.0, 2.0 * share(n, 0, k) - share(n, k, k));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace half_of_the_last

namespace chi_squared {
const Answer kAnswer = wrong("takes McNemar's chi-squared");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const double a = static_cast<double>(only_a), b = static_cast<double>(only_b);
  return a + b == 0.0 ? 1.0 : std::erfc(std::fabs(a - b) / std::sqrt(2.0 * (a + b)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace chi_squared

namespace chi_squared_corrected {
const Answer kAnswer = wrong("takes McNemar's chi-squared with a correction of continuity");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const double a = static_cast<double>(only_a), b = static_cast<double>(only_b);
  return a + b == 0.0 ? 1.0
                      : std::erfc(std::max(std::fabs(a - b) - 1.0, 0.0) / std::sqrt(2.0 * (a + b)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace chi_squared_corrected

namespace overflow {
const Answer kAnswer = wrong("divides by 2^n, which is no double for thousands");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b;
  double term = 1.0, sum = 0.0;
  for (std::size_t i = 0; i <= std::min(only_a, only_b); ++i) {
    sum += term;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1);
  }
  return std::fmin(1.0, 2.0 * sum / std::pow(2.0, static_cast<double>(n)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace overflow

namespace underflow {
const Answer kAnswer = wrong("begins at 2^-n, which is 0 for thousands");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b;
  double term = std::pow(0.5, static_cast<double>(n)), sum = 0.0;
  for (std::size_t i = 0; i <= std::min(only_a, only_b); ++i) {
    sum += term;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1);
  }
  return std::min(1.0, 2.0 * sum);
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace underflow

namespace whole_numbers {
const Answer kAnswer = wrong("keeps C(n, i) in 64 bits, which wrap");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b;
  std::uint64_t term = 1;
  double sum = 0.0;
  for (std::size_t i = 0; i <= std::min(only_a, only_b); ++i) {
    sum += static_cast<double>(term);
    term = term * (n - i) / (i + 1);
  }
  return std::min(1.0, std::ldexp(sum, 1 - static_cast<int>(n)));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace whole_numbers

namespace in_float {
const Answer kAnswer = wrong("in float");
namespace exercise {
inline double mcnemar_p(std::size_t only_a, std::size_t only_b) {
  const std::size_t n = only_a + only_b;
  return static_cast<double>(
      std::min(1.0F, 2.0F * static_cast<float>(share(n, 0, std::min(only_a, only_b)))));
}
}  // namespace exercise
#include "tests/exercises/ch04_4_test.cpp"
}  // namespace in_float

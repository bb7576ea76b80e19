// Answers to exercise 16.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch16_2_test.cpp"

#include <cmath>

namespace by_moving {
const Answer kAnswer = right("moves both logits and looks who wins");
namespace best_of_the_others {
const Answer kAnswer = right("looks at the best before the winner and the best behind it");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = std::ranges::max_element(z);
  const double least = static_cast<double>(*top) - static_cast<double>(d);
  const auto most = [&](auto begin, auto end) {
    return begin == end
               ? -HUGE_VAL
               : static_cast<double>(*std::max_element(begin, end)) + static_cast<double>(d);
  };
  return most(z.begin(), top) >= least || most(top + 1, z.end()) > least;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = logits.shape(0);
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    if (can_flip(qfs::row(logits, m), d)) --safe;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace best_of_the_others

namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  std::size_t top = 0;
  for (std::size_t k = 1; k < z.size(); ++k) top = z[k] > z[top] ? k : top;
  const double least = static_cast<double>(z[top]) - static_cast<double>(d);
  for (std::size_t k = 0; k < z.size(); ++k) {
    if (k == top) continue;
    const double most = static_cast<double>(z[k]) + static_cast<double>(d);
    if (k < top ? most >= least : most > least) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace by_moving

namespace half_the_reach {
const Answer kAnswer = wrong("lets only one of the two move");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);
  (void)reach;
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k != top &&
        (margin < static_cast<double>(d) || (margin == static_cast<double>(d) && k < top)))
      return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace half_the_reach

namespace equal_flips {
const Answer kAnswer = wrong("lets every equal logit win");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k != top && margin <= reach) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace equal_flips

namespace equal_never_flips {
const Answer kAnswer = wrong("lets no equal logit win");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k != top && margin < reach) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace equal_never_flips

namespace ties_the_other_way {
const Answer kAnswer = wrong("takes the last of equal logits");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k != top && (margin < reach || (margin == reach && k > top))) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace ties_the_other_way

namespace itself {
const Answer kAnswer = wrong("lets the winner beat itself");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (margin < reach || (margin == reach && k < top)) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace itself

namespace neighbours_only {
const Answer kAnswer = wrong("looks only at the class behind the winner");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k == top + 1 && margin < reach) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace neighbours_only

namespace in_float {
const Answer kAnswer = wrong("takes the margin in float");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);
  (void)reach;
  for (std::size_t k = 0; k < z.size(); ++k) {
    if (k != top && (z[top] - z[k] < 2.0F * d || (z[top] - z[k] == 2.0F * d && k < top)))
      return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace in_float

namespace counts_the_others {
const Answer kAnswer = wrong("counts the rows that can flip");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k != top && (margin < reach || (margin == reach && k < top))) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 1 : 0;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace counts_the_others

namespace misses_the_last {
const Answer kAnswer = wrong("leaves out the last row");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);

  for (std::size_t k = 0; k < z.size(); ++k) {
    const double margin = static_cast<double>(z[top]) - static_cast<double>(z[k]);
    if (k != top && (margin < reach || (margin == reach && k < top))) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m + 1 < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace misses_the_last

namespace magnitude {
const Answer kAnswer = wrong("compares magnitudes of logits");
namespace exercise {
inline bool can_flip(std::span<const float> z, float d) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(z) - z.begin());
  const double reach = 2.0 * static_cast<double>(d);
  (void)reach;
  for (std::size_t k = 0; k < z.size(); ++k) {
    if (k != top && std::fabs(z[k]) + d > std::fabs(z[top]) - d) return true;
  }
  return false;
}
inline std::size_t count_safe(const qfs::Matrix<float>& logits, float d) {
  std::size_t safe = 0;
  for (std::size_t m = 0; m < logits.shape(0); ++m)
    safe += can_flip(qfs::row(logits, m), d) ? 0 : 1;
  return safe;
}
}  // namespace exercise
#include "tests/exercises/ch16_2_test.cpp"
}  // namespace magnitude

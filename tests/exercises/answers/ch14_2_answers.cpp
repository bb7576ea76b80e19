// Answers to exercise 14.2. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch14_2_test.cpp"

#include <queue>

namespace parts {

using Values = std::span<std::int32_t>;
using Grid = std::span<const double>;

inline std::int32_t sum_of_sign(std::span<const std::int32_t> q, std::int32_t sign) {
  std::int32_t sum = 0;
  for (std::int32_t value : q) sum += std::max(sign * value, 0);
  return sum;
}

// Of the integers of this sign the one with the largest rank(i), the first of equals.
inline std::size_t best_by(Values q, std::int32_t sign, auto rank) {
  std::size_t best = q.size();
  for (std::size_t i = 0; i < q.size(); ++i)
    if (sign * q[i] > 0 && (best == q.size() || rank(i) > rank(best))) best = i;
  return best;
}

// Step after step from the integer with the largest rank(i, sign).
inline void bring(Values q, std::int32_t most, auto rank) {
  for (std::int32_t sign : {1, -1})
    while (sum_of_sign(q, sign) > most)
      q[best_by(q, sign, [&](std::size_t i) { return rank(i, sign); })] -= sign;
}

}  // namespace parts

namespace from_a_heap {
const Answer kAnswer = right("keeps the cost of every integer's next step in a heap");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  for (std::int32_t sign : {1, -1}) {
    std::priority_queue<std::pair<double, std::size_t>> added;
    for (std::size_t i = 0; i < q.size(); ++i)
      if (sign * q[i] > 0) added.push({sign * (q[i] - t[i]), i});
    for (std::int32_t sum = parts::sum_of_sign(q, sign); sum > most; --sum) {
      const auto [most_added, i] = added.top();
      added.pop();
      q[i] -= sign;
      if (q[i] != 0) added.push({most_added - 1.0, i});
    }
  }
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace from_a_heap

namespace all_steps_sorted {
const Answer kAnswer = right("sorts all steps there are by their cost, and takes the cheapest");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  for (std::int32_t sign : {1, -1}) {
    std::vector<std::pair<double, std::size_t>> steps;
    for (std::size_t i = 0; i < q.size(); ++i)
      for (std::int32_t j = 0; j < sign * q[i]; ++j)
        steps.push_back({1.0 - 2.0 * (sign * q[i] - j - sign * t[i]), i});
    std::ranges::sort(steps);
    const std::int32_t excess = parts::sum_of_sign(q, sign) - most;
    for (std::int32_t i = 0; i < excess; ++i) q[steps[static_cast<std::size_t>(i)].second] -= sign;
  }
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace all_steps_sorted

namespace last_of_equals {
const Answer kAnswer = right("takes the last of those that cost the same");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  std::ranges::reverse(q);
  const std::vector<double> backwards(t.rbegin(), t.rend());
  parts::bring(q, most, [&](std::size_t i, int sign) { return sign * (q[i] - backwards[i]); });
  std::ranges::reverse(q);
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace last_of_equals

namespace largest_first {
const Answer kAnswer = wrong("takes from the largest integer");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double>, std::int32_t most) {
  parts::bring(q, most, [&](std::size_t i, int sign) { return sign * q[i]; });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace largest_first

namespace smallest_first {
const Answer kAnswer = wrong("takes from the smallest integer");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double>, std::int32_t most) {
  parts::bring(q, most, [&](std::size_t i, int sign) { return -sign * q[i]; });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace smallest_first

namespace first_first {
const Answer kAnswer = wrong("takes all from the first integer that has some");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double>, std::int32_t most) {
  parts::bring(q, most, [](std::size_t, int) { return 0; });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace first_first

namespace farthest_off {
const Answer kAnswer = wrong("takes from the integer that is farthest from its real, either way");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  parts::bring(q, most, [&](std::size_t i, int) { return std::abs(q[i] - t[i]); });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace farthest_off

namespace looked_at_once {
const Answer kAnswer = wrong("finds where rounding had added most, and takes all from there");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  const std::vector<std::int32_t> start(q.begin(), q.end());
  parts::bring(q, most, [&](std::size_t i, int sign) { return sign * (start[i] - t[i]); });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace looked_at_once

namespace in_turns {
const Answer kAnswer = wrong("takes one from each in turn, clamped ones too");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  const std::vector<std::int32_t> start(q.begin(), q.end());
  parts::bring(q, most, [&](std::size_t i, int sign) {
    const double rounding = std::clamp(sign * (start[i] - t[i]), -0.5, 0.5);
    return rounding - 2.0 * std::abs(start[i] - q[i]);
  });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace in_turns

namespace sign_forgotten {
const Answer kAnswer = wrong("takes from negative integers as if they were positive");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  parts::bring(q, most, [&](std::size_t i, int) { return q[i] - t[i]; });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace sign_forgotten

namespace positive_alone {
const Answer kAnswer = wrong("brings down the positive sum alone");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  while (parts::sum_of_sign(q, 1) > most)
    --q[parts::best_by(q, 1, [&](std::size_t i) { return q[i] - t[i]; })];
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace positive_alone

namespace signs_together {
const Answer kAnswer = wrong("lets negative integers make room for positive ones");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  for (std::int32_t sign : {1, -1})
    while (parts::sum_of_sign(q, sign) - parts::sum_of_sign(q, -sign) > most)
      q[parts::best_by(q, sign, [&](std::size_t i) { return sign * (q[i] - t[i]); })] -= sign;
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace signs_together

namespace one_step_each {
const Answer kAnswer = wrong("takes no more than one step from an integer");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  for (std::int32_t sign : {1, -1}) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < q.size(); ++i)
      if (sign * q[i] > 0) order.push_back(i);
    const auto added = [&](std::size_t i) { return sign * (q[i] - t[i]); };
    std::ranges::stable_sort(order, std::greater(), added);
    for (std::size_t i : order)
      if (parts::sum_of_sign(q, sign) > most) q[i] -= sign;
  }
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace one_step_each

namespace one_too_many {
const Answer kAnswer = wrong("goes on until the sums are below the bound");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  for (std::int32_t sign : {1, -1})
    while (parts::sum_of_sign(q, sign) >= most && parts::sum_of_sign(q, sign) > 0)
      q[parts::best_by(q, sign, [&](std::size_t i) { return sign * (q[i] - t[i]); })] -= sign;
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace one_too_many

namespace past_zero {
const Answer kAnswer = wrong("takes steps past 0");
namespace exercise {
inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  std::int32_t sum = parts::sum_of_sign(q, 1);
  for (; sum > most; --sum) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < q.size(); ++i)
      if (q[i] - t[i] > q[best] - t[best]) best = i;
    --q[best];
  }
  parts::bring(q, most, [&](std::size_t i, int sign) { return sign * (q[i] - t[i]); });
}
}  // namespace exercise
#include "tests/exercises/ch14_2_test.cpp"
}  // namespace past_zero

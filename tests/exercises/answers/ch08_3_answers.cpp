// Answers to exercise 8.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch08_3_test.cpp"

inline void refuse_unless_finite(std::span<const float> x) {
  for (float value : x) qfs::require(std::isfinite(value), "not finite", value, "finite", "look");
}

// The interval of 0 and all but the last `cut` numbers in the order of `key`.
template <class Key>
qfs::Interval without_the_last(std::span<const float> x, std::size_t cut, Key key) {
  std::vector<float> sorted(x.begin(), x.end());
  std::ranges::stable_sort(sorted, {}, key);
  qfs::Interval interval;
  for (std::size_t i = 0; i + cut < sorted.size(); ++i) {
    interval.min = std::min(interval.min, sorted[i]);
    interval.max = std::max(interval.max, sorted[i]);
  }
  return interval;
}

inline float magnitude(float value) { return std::fabs(value); }

namespace one_by_one {
const Answer kAnswer = right("takes the farthest number out, `cut` times");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  std::vector<float> left(x.begin(), x.end());
  for (; cut > 0 && !left.empty(); --cut) left.erase(std::ranges::max_element(left, {}, magnitude));
  left.push_back(0.0F);
  const auto [low, high] = std::ranges::minmax(left);
  return {low, high};
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace one_by_one

namespace partly_sorted {
const Answer kAnswer = right("sorts no more than it must, from the largest on");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  if (!std::ranges::all_of(x, [](float value) { return value - value == 0.0F; }))
    qfs::fail("not finite", "NaN or infinity", "numbers", "look at the input");
  if (cut >= x.size()) return {0.0F, 0.0F};
  std::vector<float> order(x.begin(), x.end());
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(cut), order.end(),
                   [](float a, float b) { return std::abs(a) > std::abs(b); });
  float low = 0.0F, high = 0.0F;
  for (std::size_t i = cut; i < order.size(); ++i)
    (order[i] < 0.0F ? low : high) =
        order[i] < 0.0F ? std::fmin(low, order[i]) : std::fmax(high, order[i]);
  return {low, high};
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace partly_sorted

namespace largest_cut {
const Answer kAnswer = wrong("cuts the largest numbers, not the farthest from 0");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  return without_the_last(x, cut, [](float value) { return value; });
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace largest_cut

namespace smallest_cut {
const Answer kAnswer = wrong("cuts the numbers nearest to 0");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  return without_the_last(x, cut, [](float value) { return -std::fabs(value); });
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace smallest_cut

namespace last_cut {
const Answer kAnswer = wrong("cuts the last numbers");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  return without_the_last(x, cut, [](float) { return 0; });
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace last_cut

namespace cut_at_both_ends {
const Answer kAnswer = wrong("cuts as many at either end");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  const qfs::Interval below = without_the_last(x, cut, [](float value) { return -value; });
  const qfs::Interval above = without_the_last(x, cut, [](float value) { return value; });
  return {below.min, above.max};
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace cut_at_both_ends

namespace equals_go_together {
const Answer kAnswer = wrong("cuts all numbers as far from 0 as the last that it cuts");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  if (cut == 0 || cut > x.size()) return without_the_last(x, cut, magnitude);
  std::vector<float> sorted(x.begin(), x.end());
  std::ranges::sort(sorted, {}, magnitude);
  const float farthest = std::fabs(sorted[sorted.size() - cut]);
  qfs::Interval interval;
  for (float value : x) {
    if (std::fabs(value) >= farthest) continue;
    interval = {std::min(interval.min, value), std::max(interval.max, value)};
  }
  return interval;
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace equals_go_together

namespace without_0 {
const Answer kAnswer = wrong("does not widen the interval to 0");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  if (cut >= x.size()) return {0.0F, 0.0F};
  std::vector<float> sorted(x.begin(), x.end());
  std::ranges::sort(sorted, {}, magnitude);
  const auto [low, high] = std::ranges::minmax(std::span(sorted).first(sorted.size() - cut));
  return {low, high};
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace without_0

namespace symmetric {
const Answer kAnswer = wrong("makes the interval symmetric");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  const qfs::Interval interval = without_the_last(x, cut, magnitude);
  const float end = std::max(-interval.min, interval.max);
  return {-end, end};
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace symmetric

namespace never_all {
const Answer kAnswer = wrong("leaves one number, however many are cut");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  return without_the_last(x, x.empty() ? 0 : std::min(cut, x.size() - 1), magnitude);
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace never_all

namespace cut_too_large_ignored {
const Answer kAnswer = wrong("cuts nothing where it should cut everything");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  return without_the_last(x, cut < x.size() ? cut : 0, magnitude);
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace cut_too_large_ignored

namespace one_more {
const Answer kAnswer = wrong("cuts one number more");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  refuse_unless_finite(x);
  return without_the_last(x, cut + 1, magnitude);
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace one_more

namespace nan_accepted {
const Answer kAnswer = wrong("lets NaN pass");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  for (float value : x) qfs::require(!std::isinf(value), "infinite", value, "finite", "look");
  return without_the_last(x, cut,
                          [](float value) { return std::isnan(value) ? 0.0F : std::fabs(value); });
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace nan_accepted

namespace infinity_accepted {
const Answer kAnswer = wrong("lets infinity pass");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  for (float value : x) qfs::require(!std::isnan(value), "NaN", value, "a number", "look");
  return without_the_last(x, cut, magnitude);
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace infinity_accepted

namespace checked_after_the_cut {
const Answer kAnswer = wrong("refuses only what it has not cut");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  const qfs::Interval interval = without_the_last(
      x, cut, [](float value) { return std::isnan(value) ? HUGE_VALF : std::fabs(value); });
  for (float end : {interval.min, interval.max})
    qfs::require(std::isfinite(end), "not finite", end, "finite", "look");
  return interval;
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace checked_after_the_cut

namespace negative_infinity_accepted {
const Answer kAnswer = wrong("refuses what is above the largest float, and NaN");
namespace exercise {
inline qfs::Interval trimmed_range(std::span<const float> x, std::size_t cut) {
  for (float value : x) qfs::require(value <= 3.4028235e38F, "not finite", value, "finite", "look");
  return without_the_last(x, cut, magnitude);
}
}  // namespace exercise
#include "tests/exercises/ch08_3_test.cpp"
}  // namespace negative_infinity_accepted

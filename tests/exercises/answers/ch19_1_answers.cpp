// Answers to exercise 19.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch19_1_test.cpp"

// One round in which `index_of` says which point a number chooses.
template <class IndexOf>
std::vector<float> one_round(std::span<const float> x, std::vector<float> points,
                             IndexOf index_of) {
  std::vector<double> sum(points.size(), 0.0), count(points.size(), 0.0);
  for (float value : x) {
    const std::size_t i = index_of(value, points);
    sum[i] += static_cast<double>(value);
    count[i] += 1.0;
  }
  for (std::size_t i = 0; i < points.size(); ++i)
    if (count[i] > 0.0) points[i] = static_cast<float>(sum[i] / count[i]);
  return points;
}

inline std::size_t nearest_point(float value, const std::vector<float>& points) {
  return qfs::nearest_code(value, points);
}

namespace sorted_first {
const Answer kAnswer = right("sorts the numbers and walks along the midpoints");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> numbers, std::vector<float> points,
                                int rounds) {
  std::vector<float> x(numbers.begin(), numbers.end());
  std::sort(x.begin(), x.end());
  while (rounds-- > 0) {
    std::vector<float> next = points;
    std::size_t at = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      double sum = 0.0;
      std::size_t begin = at;
      const bool last = i + 1 == points.size();
      while (at < x.size() && (last || x[at] <= (points[i] + points[i + 1]) / 2.0F))
        sum += static_cast<double>(x[at++]);
      if (at > begin) next[i] = static_cast<float>(sum / static_cast<double>(at - begin));
    }
    points = next;
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace sorted_first

namespace recursive {
const Answer kAnswer = right("calls itself for the next round, and searches all distances");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  if (rounds == 0) return points;
  const auto search = [](float value, const std::vector<float>& at) {
    std::size_t best = 0;  // of equals the first, which is the lower
    for (std::size_t i = 1; i < at.size(); ++i)
      if (std::fabs(static_cast<double>(value) - static_cast<double>(at[i])) <
          std::fabs(static_cast<double>(value) - static_cast<double>(at[best])))
        best = i;
    return best;
  };
  return lloyd(x, one_round(x, points, search), rounds - 1);
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace recursive

namespace one_round_only {
const Answer kAnswer = wrong("makes one round, however many are asked for");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  return rounds > 0 ? one_round(x, points, nearest_point) : points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace one_round_only

namespace one_too_many {
const Answer kAnswer = wrong("makes a round too many");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i <= rounds; ++i) points = one_round(x, points, nearest_point);
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace one_too_many

namespace empty_becomes_zero {
const Answer kAnswer = wrong("moves a point without numbers to 0");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::vector<bool> used(points.size());
    for (float value : x) used[nearest_point(value, points)] = true;
    points = one_round(x, points, nearest_point);
    for (std::size_t p = 0; p < points.size(); ++p)
      if (!used[p]) points[p] = 0.0F;
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace empty_becomes_zero

namespace empty_becomes_nan {
const Answer kAnswer = wrong("divides by the count of 0 too");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::vector<double> sum(points.size(), 0.0), count(points.size(), 0.0);
    for (float value : x) {
      sum[nearest_point(value, points)] += static_cast<double>(value);
      count[nearest_point(value, points)] += 1.0;
    }
    for (std::size_t p = 0; p < points.size(); ++p)
      points[p] = static_cast<float>(sum[p] / count[p]);
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace empty_becomes_nan

namespace moves_at_once {
const Answer kAnswer = wrong("moves a point as soon as a number has chosen it");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::vector<double> sum(points.size(), 0.0), count(points.size(), 0.0);
    for (float value : x) {
      const std::size_t p = nearest_point(value, points);
      sum[p] += static_cast<double>(value);
      count[p] += 1.0;
      points[p] = static_cast<float>(sum[p] / count[p]);
    }
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace moves_at_once

namespace in_float {
const Answer kAnswer = wrong("adds in float");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::vector<float> sum(points.size(), 0.0F), count(points.size(), 0.0F);
    for (float value : x) {
      sum[nearest_point(value, points)] += value;
      count[nearest_point(value, points)] += 1.0F;
    }
    for (std::size_t p = 0; p < points.size(); ++p)
      if (count[p] > 0.0F) points[p] = sum[p] / count[p];
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace in_float

namespace medians {
const Answer kAnswer = wrong("takes the median");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::vector<std::vector<float>> of(points.size());
    for (float value : x) of[nearest_point(value, points)].push_back(value);
    for (std::size_t p = 0; p < points.size(); ++p) {
      std::sort(of[p].begin(), of[p].end());
      if (!of[p].empty()) points[p] = of[p][of[p].size() / 2];
    }
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace medians

namespace the_point_below {
const Answer kAnswer = wrong("sends a number to the point below it");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  const auto below = [](float value, const std::vector<float>& at) {
    std::size_t i = 0;
    while (i + 1 < at.size() && at[i + 1] <= value) ++i;
    return i;
  };
  for (int i = 0; i < rounds; ++i) points = one_round(x, points, below);
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace the_point_below

namespace ties_go_up {
const Answer kAnswer = wrong("sends a tie to the upper point");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  const auto upper = [](float value, const std::vector<float>& at) {
    std::size_t i = 0;
    while (i + 1 < at.size() && value >= (at[i] + at[i + 1]) / 2.0F) ++i;
    return i;
  };
  for (int i = 0; i < rounds; ++i) points = one_round(x, points, upper);
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace ties_go_up

namespace ends_kept {
const Answer kAnswer = wrong("does not move the first and the last point");
namespace exercise {
inline std::vector<float> lloyd(std::span<const float> x, std::vector<float> points, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const float first = points.front(), last = points.back();
    points = one_round(x, points, nearest_point);
    points.front() = first;
    points.back() = last;
  }
  return points;
}
}  // namespace exercise
#include "tests/exercises/ch19_1_test.cpp"
}  // namespace ends_kept

// Answers to exercise 3.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch03_2_test.cpp"

#include <numeric>

// The error of one number, with room for a mistake in each of its parts.
inline double error_of(float x, float threshold, std::int32_t qmax, float lower_end = 1.0F) {
  const float end = static_cast<float>(qmax), s = threshold / end;
  const float y = s * std::clamp(std::nearbyint(x * (1.0F / s)), -end * lower_end, end);
  return static_cast<double>(x) - static_cast<double>(y);
}

// The first candidate with the least cost.
template <class Cost>
float first_of_the_least(std::span<const float> candidates, Cost cost) {
  return *std::ranges::min_element(candidates, {}, cost);
}

namespace mean_from_the_end {
const Answer kAnswer = right("takes the mean from the last number to the first, and divides");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    double sum = 0.0;
    for (std::size_t i = x.size(); i-- > 0;) sum += std::pow(error_of(x[i], threshold, qmax), 2.0);
    return sum / static_cast<double>(x.size());
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace mean_from_the_end

namespace ties_away {
const Answer kAnswer = right("rounds ties away from 0, which costs the same");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  std::size_t best = 0;
  std::vector<double> sums(candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const float s = candidates[c] / static_cast<float>(qmax);
    for (float value : x) {
      const float q = std::round(value * (1.0F / s));
      const float y =
          s * std::fmin(std::fmax(q, -static_cast<float>(qmax)), static_cast<float>(qmax));
      const auto error = static_cast<double>(value) - static_cast<double>(y);
      sums[c] += error * error;
    }
    if (sums[c] < sums[best]) best = c;
  }
  return candidates[best];
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace ties_away

namespace stops_early {
const Answer kAnswer = wrong("stops at the first worse candidate");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  float best = candidates[0];
  double least = HUGE_VAL;
  for (float threshold : candidates) {
    double sum = 0.0;
    for (float value : x) sum += std::pow(error_of(value, threshold, qmax), 2.0);
    if (sum > least) break;
    if (sum < least) best = threshold;
    least = std::min(least, sum);
  }
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace stops_early

namespace last_of_equals {
const Answer kAnswer = wrong("takes the last of equals");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  float best = candidates[0];
  double least = HUGE_VAL;
  for (float threshold : candidates) {
    double sum = 0.0;
    for (float value : x) sum += std::pow(error_of(value, threshold, qmax), 2.0);
    if (sum <= least) best = threshold;
    least = std::min(least, sum);
  }
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace last_of_equals

namespace compares_with_the_one_before {
const Answer kAnswer = wrong("compares a candidate with the one before it, not with the best");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  float best = candidates[0];
  double before = HUGE_VAL;
  for (float threshold : candidates) {
    double sum = 0.0;
    for (float value : x) sum += std::pow(error_of(value, threshold, qmax), 2.0);
    if (sum < before) best = threshold;
    before = sum;
  }
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace compares_with_the_one_before

namespace magnitudes {
const Answer kAnswer = wrong("sums magnitudes, not squares");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    double sum = 0.0;
    for (float value : x) sum += std::fabs(error_of(value, threshold, qmax));
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace magnitudes

namespace errors_cancel {
const Answer kAnswer = wrong("squares the sum of the errors");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    double sum = 0.0;
    for (float value : x) sum += error_of(value, threshold, qmax);
    return sum * sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace errors_cancel

namespace largest_error {
const Answer kAnswer = wrong("takes the largest error");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    double largest = 0.0;
    for (float value : x) largest = std::max(largest, std::fabs(error_of(value, threshold, qmax)));
    return largest;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace largest_error

namespace no_clamp {
const Answer kAnswer = wrong("does not clamp");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    const float s = threshold / static_cast<float>(qmax);
    double sum = 0.0;
    for (float value : x)
      sum += static_cast<double>(std::pow(value - s * std::nearbyint(value * (1.0F / s)), 2.0F));
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace no_clamp

namespace clipped_left_out {
const Answer kAnswer = wrong("leaves out the numbers beyond the threshold");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    double sum = 0.0;
    for (float value : x)
      sum += std::fabs(value) > threshold ? 0.0 : std::pow(error_of(value, threshold, qmax), 2.0);
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace clipped_left_out

namespace only_clipping {
const Answer kAnswer = wrong("counts only the numbers beyond the threshold");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    double sum = 0.0;
    for (float value : x)
      sum += std::fabs(value) > threshold ? std::pow(error_of(value, threshold, qmax), 2.0) : 0.0;
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace only_clipping

namespace one_integer_more {
const Answer kAnswer = wrong("lets negative numbers reach -qmax - 1");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    const float lower_end = static_cast<float>(qmax + 1) / static_cast<float>(qmax);
    double sum = 0.0;
    for (float value : x) sum += std::pow(error_of(value, threshold, qmax, lower_end), 2.0);
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace one_integer_more

namespace sum_in_float {
const Answer kAnswer = wrong("adds up in float");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    float sum = 0.0F;
    for (float value : x)
      sum += static_cast<float>(std::pow(error_of(value, threshold, qmax), 2.0));
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace sum_in_float

namespace half_a_step_more {
const Answer kAnswer = wrong("takes T / (qmax + 1/2) for the scale");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates, [&](float threshold) {
    const float end = static_cast<float>(qmax), widened = threshold * end / (end + 0.5F);
    double sum = 0.0;
    for (float value : x) sum += std::pow(error_of(value, widened, qmax), 2.0);
    return sum;
  });
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace half_a_step_more

namespace the_scale {
const Answer kAnswer = wrong("returns the scale");
namespace exercise {
inline float best_threshold(std::span<const float> x, std::span<const float> candidates,
                            std::int32_t qmax) {
  return first_of_the_least(candidates,
                            [&](float threshold) {
                              double sum = 0.0;
                              for (float value : x)
                                sum += std::pow(error_of(value, threshold, qmax), 2.0);
                              return sum;
                            }) /
         static_cast<float>(qmax);
}
}  // namespace exercise
#include "tests/exercises/ch03_2_test.cpp"
}  // namespace the_scale

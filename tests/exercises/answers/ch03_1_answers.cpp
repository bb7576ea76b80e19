// Answers to exercise 3.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch03_1_test.cpp"

using exercise::RangeGradient;

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*q)(float, float, float) = [](float x, float s, float z) {
    return z + std::nearbyint(x * (1.0F / s));
  };
  bool ends_are_clamped = false;
  bool add = false;
};

inline RangeGradient assemble(const Parts& parts, std::span<const float> x,
                              std::span<const float> dy, float scale, std::int32_t zero_point,
                              std::int32_t qmin, std::int32_t qmax, std::span<float> dx) {
  RangeGradient range;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float q = parts.q(x[i], scale, static_cast<float>(zero_point));
    const float low = static_cast<float>(qmin), high = static_cast<float>(qmax);
    const bool below = parts.ends_are_clamped ? q <= low : q < low;
    const bool above = parts.ends_are_clamped ? q >= high : q > high;
    dx[i] = (parts.add ? dx[i] : 0.0F) + (below || above ? 0.0F : dy[i]);
    if (below) range.low += static_cast<double>(dy[i]);
    if (above) range.high += static_cast<double>(dy[i]);
  }
  return range;
}

namespace three_cases {
const Answer kAnswer = right("compares steps with the ends less the zero point");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  const float inverse = 1.0F / scale;
  RangeGradient range;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float steps = std::rint(inverse * x[i]);
    dx[i] = 0.0F;
    if (steps < static_cast<float>(qmin - zero_point))
      range.low += static_cast<double>(dy[i]);
    else if (steps > static_cast<float>(qmax - zero_point))
      range.high += static_cast<double>(dy[i]);
    else
      dx[i] = dy[i];
  }
  return range;
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace three_cases

namespace by_what_the_clamp_changed {
const Answer kAnswer = right("asks whether the clamp changed q, from the last number to the first");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  double low = 0.0, high = 0.0;
  for (std::size_t i = x.size(); i-- > 0;) {
    const float q = std::nearbyint(x[i] * (1.0F / scale)) + static_cast<float>(zero_point);
    const float clamped = std::clamp(q, static_cast<float>(qmin), static_cast<float>(qmax));
    dx[i] = clamped == q ? dy[i] : 0.0F;
    (clamped > q ? low : high) += clamped == q ? 0.0 : static_cast<double>(dy[i]);
  }
  return {low, high};
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace by_what_the_clamp_changed

namespace added_to_dx {
const Answer kAnswer = wrong("adds to dx");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble({.add = true}, x, dy, scale, zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace added_to_dx

namespace dx_left {
const Answer kAnswer = wrong("leaves dx as it was where something was clamped");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  RangeGradient range;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float q = static_cast<float>(zero_point) + std::nearbyint(x[i] * (1.0F / scale));
    if (q < static_cast<float>(qmin))
      range.low += static_cast<double>(dy[i]);
    else if (q > static_cast<float>(qmax))
      range.high += static_cast<double>(dy[i]);
    else
      dx[i] = dy[i];
  }
  return range;
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace dx_left

namespace at_the_real {
const Answer kAnswer = wrong("compares the real with the ends of the range");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble({.q = [](float v, float s, float z) { return v * (1.0F / s) + z; }}, x, dy, scale,
                  zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace at_the_real

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble(
      {.q = [](float v, float s, float z) { return std::nearbyint(v * (1.0F / s) + z); }}, x, dy,
      scale, zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace zero_point_first

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble({.q = [](float v, float s, float z) { return z + std::round(v * (1.0F / s)); }},
                  x, dy, scale, zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace ties_away

namespace divided {
const Answer kAnswer = wrong("divides by the scale");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble({.q = [](float v, float s, float z) { return z + std::nearbyint(v / s); }}, x, dy,
                  scale, zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace divided

namespace in_double {
const Answer kAnswer = wrong("computes q in double");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble({.q =
                       [](float v, float s, float z) {
                         return z + static_cast<float>(std::nearbyint(static_cast<double>(v) /
                                                                      static_cast<double>(s)));
                       }},
                  x, dy, scale, zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace in_double

namespace ends_are_clamped {
const Answer kAnswer = wrong("takes what lies on an end for clamped");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  return assemble({.ends_are_clamped = true}, x, dy, scale, zero_point, qmin, qmax, dx);
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace ends_are_clamped

namespace ends_swapped {
const Answer kAnswer = wrong("gives each end the other's sum");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  const auto [low, high] = assemble({}, x, dy, scale, zero_point, qmin, qmax, dx);
  return {high, low};
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace ends_swapped

namespace both_ends_in_one {
const Answer kAnswer = wrong("gives both ends the sum of both");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  const auto [low, high] = assemble({}, x, dy, scale, zero_point, qmin, qmax, dx);
  return {low + high, low + high};
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace both_ends_in_one

namespace times_the_scale {
const Answer kAnswer = wrong("multiplies the ends' gradients by the scale");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  const auto [low, high] = assemble({}, x, dy, scale, zero_point, qmin, qmax, dx);
  return {low * static_cast<double>(scale), high * static_cast<double>(scale)};
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace times_the_scale

namespace sums_in_float {
const Answer kAnswer = wrong("adds up in float");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  float low = 0.0F, high = 0.0F;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto [l, h] = assemble({}, x.subspan(i, 1), dy.subspan(i, 1), scale, zero_point, qmin,
                                 qmax, dx.subspan(i, 1));
    low += static_cast<float>(l);
    high += static_cast<float>(h);
  }
  return {static_cast<double>(low), static_cast<double>(high)};
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace sums_in_float

namespace everything_passes {
const Answer kAnswer = wrong("lets every dy pass to dx as well");
namespace exercise {
using ::exercise::RangeGradient;
inline RangeGradient backward(std::span<const float> x, std::span<const float> dy, float scale,
                              std::int32_t zero_point, std::int32_t qmin, std::int32_t qmax,
                              std::span<float> dx) {
  const RangeGradient range = assemble({}, x, dy, scale, zero_point, qmin, qmax, dx);
  std::ranges::copy(dy, dx.begin());
  return range;
}
}  // namespace exercise
#include "tests/exercises/ch03_1_test.cpp"
}  // namespace everything_passes

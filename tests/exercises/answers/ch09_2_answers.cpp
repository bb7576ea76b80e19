// Answers to exercise 9.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch09_2_test.cpp"

using exercise::OffsetGradients;

// What one number adds, with room for a mistake in each of its parts.
struct Parts {
  float (*steps_of)(float x, float s, float beta) = [](float x, float s, float beta) {
    return (x - beta) / s;
  };
  float (*round)(float) = [](float steps) { return std::nearbyint(steps); };
  bool (*is_inside)(float rounded, float t, float low, float high) =
      [](float rounded, float, float low, float high) { return rounded >= low && rounded <= high; };
  double (*scale)(bool inside, double r, double t) = [](bool inside, double r, double t) {
    return inside ? r - t : r;
  };
  double (*offset)(bool inside) = [](bool inside) { return inside ? 0.0 : 1.0; };
  bool dx_first = false;
};

inline OffsetGradients assemble(const Parts& parts, std::span<const float> x,
                                std::span<const float> dy, float s, float beta,
                                qfs::QuantRange range, std::span<float> dx) {
  const float low = static_cast<float>(range.qmin), high = static_cast<float>(range.qmax);
  OffsetGradients sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float t = parts.steps_of(x[i], s, beta), rounded = parts.round(t),
                r = std::clamp(rounded, low, high);
    const bool inside = parts.is_inside(rounded, t, low, high);
    if (parts.dx_first) dx[i] = inside ? dy[i] : 0.0F;
    const double d = static_cast<double>(dy[i]);
    sums.scale += d * parts.scale(inside, static_cast<double>(r), static_cast<double>(t));
    sums.offset += d * parts.offset(inside);
    dx[i] = inside ? dy[i] : 0.0F;
  }
  return sums;
}

namespace three_cases {
const Answer kAnswer = right("treats below, above and inside apart, from the end");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  double scale = 0.0, offset = 0.0;
  for (std::size_t i = x.size(); i-- > 0;) {
    const double t = static_cast<double>((x[i] - beta) / s), rounded = std::rint(t),
                 d = static_cast<double>(dy[i]);
    const bool below = rounded<range.qmin, above = rounded> range.qmax;
    scale += d * (below ? range.qmin : above ? range.qmax : rounded - t);
    if (below || above) {
      offset += d;
      dx[i] = 0.0F;
    } else {
      dx[i] = static_cast<float>(d);
    }
  }
  return {scale, offset};
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace three_cases

namespace two_passes {
const Answer kAnswer = right("sums in one pass and fills dx in another");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  const auto steps = [&](std::size_t i) { return (x[i] - beta) / s; };
  const auto clamped = [&](std::size_t i) {
    return std::fmin(std::fmax(std::nearbyint(steps(i)), static_cast<float>(range.qmin)),
                     static_cast<float>(range.qmax));
  };
  const auto outside = [&](std::size_t i) { return clamped(i) != std::nearbyint(steps(i)); };
  OffsetGradients sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float slope = outside(i) ? clamped(i) : clamped(i) - steps(i);
    sums.scale += static_cast<double>(slope) * static_cast<double>(dy[i]);
    if (outside(i)) sums.offset += static_cast<double>(dy[i]);
  }
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] = outside(i) ? 0.0F : dy[i];
  return sums;
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace two_passes

namespace dx_first {
const Answer kAnswer = wrong("writes dx before it has used dy");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.dx_first = true}, x, dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace dx_first

namespace offset_forgotten {
const Answer kAnswer = wrong("forgets beta in r");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.steps_of = [](float value, float step, float) { return value / step; }}, x, dy,
                  s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace offset_forgotten

namespace offset_added {
const Answer kAnswer = wrong("adds beta to x");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.steps_of = [](float value, float step, float b) { return (value + b) / step; }},
                  x, dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace offset_added

namespace offset_of_all {
const Answer kAnswer = wrong("gives beta the gradients of all numbers");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.offset = [](bool) { return 1.0; }}, x, dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace offset_of_all

namespace offset_of_the_inside {
const Answer kAnswer = wrong("gives beta the gradients of the numbers inside");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.offset = [](bool inside) { return inside ? 1.0 : 0.0; }}, x, dy, s, beta, range,
                  dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace offset_of_the_inside

namespace offset_negative {
const Answer kAnswer = wrong("takes the offset's gradient with the other sign");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.offset = [](bool inside) { return inside ? 0.0 : -1.0; }}, x, dy, s, beta,
                  range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace offset_negative

namespace slope_by_s_negative {
const Answer kAnswer = wrong("takes t - r for r - t");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.scale = [](bool inside, double r, double t) { return inside ? t - r : r; }}, x,
                  dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace slope_by_s_negative

namespace slope_by_s_without_t {
const Answer kAnswer = wrong("takes r inside, too");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.scale = [](bool, double r, double) { return r; }}, x, dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace slope_by_s_without_t

namespace slope_by_s_outside {
const Answer kAnswer = wrong("takes r - t outside, too");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.scale = [](bool, double r, double t) { return r - t; }}, x, dy, s, beta, range,
                  dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace slope_by_s_outside

namespace nothing_from_outside {
const Answer kAnswer = wrong("gives s nothing from what was clamped");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.scale = [](bool inside, double r, double t) { return inside ? r - t : 0.0; }},
                  x, dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace nothing_from_outside

namespace at_the_real {
const Answer kAnswer = wrong("asks whether t, not its integer, lies in the range");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble(
      {.is_inside = [](float, float t, float low, float high) { return t >= low && t <= high; }}, x,
      dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace at_the_real

namespace ends_are_outside {
const Answer kAnswer = wrong("takes the ends of the range for clamped");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.is_inside = [](float rounded, float, float low,
                                   float high) { return rounded > low && rounded < high; }},
                  x, dy, s, beta, range, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace ends_are_outside

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  return assemble({.round = [](float steps) { return std::round(steps); }}, x, dy, s, beta, range,
                  dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace ties_away

namespace everything_passes {
const Answer kAnswer = wrong("lets every dy pass to dx");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  const OffsetGradients sums = assemble({}, x, dy, s, beta, range, dx);
  std::ranges::copy(dy, dx.begin());
  return sums;
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace everything_passes

namespace sums_in_float {
const Answer kAnswer = wrong("adds up in float");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  float scale = 0.0F, offset = 0.0F;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const OffsetGradients one =
        assemble({}, x.subspan(i, 1), dy.subspan(i, 1), s, beta, range, dx.subspan(i, 1));
    scale += static_cast<float>(one.scale);
    offset += static_cast<float>(one.offset);
  }
  return {static_cast<double>(scale), static_cast<double>(offset)};
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace sums_in_float

namespace lsq_g {
const Answer kAnswer = wrong("scales the step's gradient as LSQ does");
namespace exercise {
using ::exercise::OffsetGradients;
inline OffsetGradients learned_offset_backward(std::span<const float> x, std::span<const float> dy,
                                               float s, float beta, qfs::QuantRange range,
                                               std::span<float> dx) {
  const OffsetGradients sums = assemble({}, x, dy, s, beta, range, dx);
  return {sums.scale / std::sqrt(static_cast<double>(x.size()) * range.qmax), sums.offset};
}
}  // namespace exercise
#include "tests/exercises/ch09_2_test.cpp"
}  // namespace lsq_g

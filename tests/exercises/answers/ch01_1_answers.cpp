// Answers to exercise 1.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch01_1_test.cpp"

using exercise::ShiftParams;

// The solution with room for a mistake in each of its parts.
struct Parts {
  bool widen = true;
  double more_steps = 0.0;
  bool up = true, down = true, exact_fits = true;
  double (*round)(double) = [](double x) { return std::nearbyint(x); };
};

inline ShiftParams assemble(const Parts& parts, double min, double max, std::int32_t qmin,
                            std::int32_t qmax) {
  const double low = parts.widen ? std::min(min, 0.0) : min;
  const double high = parts.widen ? std::max(max, 0.0) : max;
  const double steps = qmax - qmin + parts.more_steps, width = high - low;
  const auto covers = [&](int e) {
    return parts.exact_fits ? std::ldexp(steps, e) >= width : std::ldexp(steps, e) > width;
  };
  int exponent = 0;
  if (width > 0.0) {
    while (parts.up && !covers(exponent)) ++exponent;
    while (parts.down && covers(exponent - 1)) --exponent;
  }
  return {exponent, qmin - static_cast<std::int32_t>(parts.round(std::ldexp(low, -exponent)))};
}

namespace by_the_exponent_of_the_quotient {
const Answer kAnswer = right("begins at the exponent of width / steps, and corrects it by one");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  const double low = min < 0.0 ? min : 0.0, width = (max > 0.0 ? max : 0.0) - low;
  const double steps = qmax - qmin;
  int exponent = width > 0.0 ? std::ilogb(width / steps) - 1 : 0;
  while (steps * std::exp2(exponent) < width) exponent += 1;
  return {exponent, qmin - static_cast<std::int32_t>(std::rint(low * std::exp2(-exponent)))};
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace by_the_exponent_of_the_quotient

namespace by_halving_the_width {
const Answer kAnswer = right("halves or doubles the interval, not the scale");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  double low = std::fmin(min, 0.0), width = std::fmax(max, 0.0) - low;
  int exponent = 0;
  for (; width > qmax - qmin; ++exponent) width /= 2.0, low /= 2.0;
  for (; width > 0.0 && 2.0 * width <= qmax - qmin; --exponent) width *= 2.0, low *= 2.0;
  return {exponent, static_cast<std::int32_t>(qmin - std::lrint(low))};
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace by_halving_the_width

namespace in_float {
const Answer kAnswer = wrong("computes in float");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  const auto low = static_cast<float>(min), high = static_cast<float>(max);
  return assemble({}, static_cast<double>(low), static_cast<double>(high), qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace in_float

namespace not_widened {
const Answer kAnswer = wrong("does not widen the interval to 0");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.widen = false}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace not_widened

namespace one_step_more {
const Answer kAnswer = wrong("takes the number of integers for the number of steps");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.more_steps = 1.0}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace one_step_more

namespace strictly_wider {
const Answer kAnswer = wrong("demands more than the width");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.exact_fits = false}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace strictly_wider

namespace never_above_1 {
const Answer kAnswer = wrong("knows no scale above 1");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.up = false}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace never_above_1

namespace never_below_1 {
const Answer kAnswer = wrong("knows no scale below 1");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.down = false}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace never_below_1

namespace ties_away {
const Answer kAnswer = wrong("rounds ties of the zero point away from 0");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.round = [](double x) { return std::round(x); }}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace ties_away

namespace cut_off {
const Answer kAnswer = wrong("cuts the zero point off");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  return assemble({.round = [](double x) { return std::trunc(x); }}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace cut_off

namespace qmin_rounded_too {
const Answer kAnswer = wrong("rounds qmin - min / s as a whole");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  const int exponent = assemble({}, min, max, qmin, qmax).exponent;
  const double exact = qmin - std::ldexp(std::min(min, 0.0), -exponent);
  return {exponent, static_cast<std::int32_t>(std::nearbyint(exact))};
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace qmin_rounded_too

namespace by_logarithm {
const Answer kAnswer = wrong("takes the logarithm of width / steps, which rounds");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  const double low = std::min(min, 0.0), width = std::max(max, 0.0) - low;
  const double exact = width > 0.0 ? std::log2(width / (qmax - qmin)) : 0.0;
  const int exponent = static_cast<int>(std::ceil(exact));
  return {exponent, qmin - static_cast<std::int32_t>(std::nearbyint(std::ldexp(low, -exponent)))};
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace by_logarithm

namespace zero_without_width {
const Answer kAnswer = wrong("places the zero point at 0 where the interval has no width");
namespace exercise {
inline ShiftParams choose_shift(double min, double max, std::int32_t qmin, std::int32_t qmax) {
  if (min == 0.0 && max == 0.0) return {0, 0};
  return assemble({}, min, max, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_1_test.cpp"
}  // namespace zero_without_width

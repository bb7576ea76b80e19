// Answers to exercise 2.4.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch02_4_test.cpp"

inline std::int32_t clamped(float q) {
  return static_cast<std::int32_t>(std::clamp(q, 0.0F, 31.0F));
}

namespace by_what_is_cut_off {
const Answer kAnswer = right("looks at what floor cuts off, in double");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  const double steps = static_cast<double>(x) * 4.0, down = std::floor(steps);
  const double rounded = steps - down >= 0.5 ? down + 1.0 : down;
  return static_cast<std::int32_t>(std::min(std::max(rounded + 7.0, 0.0), 31.0));
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace by_what_is_cut_off

namespace zero_point_and_half_together {
const Answer kAnswer = right("adds zero point and half before floor, which changes nothing");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) { return clamped(std::floor(4.0F * x + 7.5F)); }
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace zero_point_and_half_together

namespace ties_to_even {
const Answer kAnswer = wrong("rounds halves to even, as chapter 01");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return clamped(std::nearbyint(x / 0.25F) + 7.0F);
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace ties_to_even

namespace ties_away {
const Answer kAnswer = wrong("rounds halves away from 0");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) { return clamped(std::round(x / 0.25F) + 7.0F); }
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace ties_away

namespace ties_down {
const Answer kAnswer = wrong("rounds halves down");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return clamped(std::ceil(x / 0.25F - 0.5F) + 7.0F);
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace ties_down

namespace ties_to_zero {
const Answer kAnswer = wrong("rounds halves toward 0");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  const float steps = x / 0.25F, magnitude = std::ceil(std::fabs(steps) - 0.5F);
  return clamped(std::copysign(magnitude, steps) + 7.0F);
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace ties_to_zero

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point, then rounds halves to even");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return clamped(std::nearbyint(x / 0.25F + 7.0F));
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace zero_point_first

namespace ties_to_odd {
const Answer kAnswer = wrong("rounds halves to odd");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return clamped(std::nearbyint(x / 0.25F + 1.0F) + 6.0F);
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace ties_to_odd

namespace down {
const Answer kAnswer = wrong("never rounds up");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) { return clamped(std::floor(x / 0.25F) + 7.0F); }
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace down

namespace up {
const Answer kAnswer = wrong("never rounds down");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) { return clamped(std::ceil(x / 0.25F) + 7.0F); }
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace up

namespace toward_zero {
const Answer kAnswer = wrong("cuts off");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) { return clamped(std::trunc(x / 0.25F) + 7.0F); }
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace toward_zero

namespace clamped_before_the_zero_point {
const Answer kAnswer = wrong("clamps to 0..31 before it adds the zero point");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return clamped(std::floor(x / 0.25F + 0.5F)) + 7;
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace clamped_before_the_zero_point

namespace six_bits {
const Answer kAnswer = wrong("clamps to 0..63");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return static_cast<std::int32_t>(std::clamp(std::floor(x / 0.25F + 7.5F), 0.0F, 63.0F));
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace six_bits

namespace signed_bits {
const Answer kAnswer = wrong("clamps to -16..15 about the zero point");
namespace exercise {
inline std::int32_t quantize_as_they_do(float x) {
  return static_cast<std::int32_t>(std::clamp(std::floor(x / 0.25F + 0.5F), -16.0F, 15.0F)) + 7;
}
}  // namespace exercise
#include "tests/exercises/ch02_4_test.cpp"
}  // namespace signed_bits

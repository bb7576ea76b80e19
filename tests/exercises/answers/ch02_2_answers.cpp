// Answers to exercise 2.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch02_2_test.cpp"

using exercise::FixedPoint;

inline FixedPoint right_fixed_point(double real) {
  int exponent = 0;
  auto mantissa = std::llround(std::ldexp(std::frexp(real, &exponent), 31));
  if (mantissa >> 31 != 0) {
    mantissa >>= 1;
    exponent += 1;
  }
  return {static_cast<std::int32_t>(mantissa), -exponent};
}

inline std::int64_t right_product(std::int32_t acc, FixedPoint m) {
  const std::int64_t product = std::int64_t{acc} * m.mantissa,
                     one = std::int64_t{1} << (31 + m.shift);
  const std::int64_t up = (product + one / 2) >> (31 + m.shift);
  return (product + one / 2) % one == 0 ? up & ~std::int64_t{1} : up;
}

namespace half_added {
const Answer kAnswer = right("adds a half, and takes an odd result of a tie back");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) { return right_product(acc, m); }
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace half_added

namespace magnitudes {
const Answer kAnswer = right("scales by doubling, and multiplies magnitudes");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) {
  int shift = 0;
  for (; real < 0x1p30; ++shift) real *= 2.0;
  for (; real >= 0x1p31; --shift) real /= 2.0;
  double mantissa = std::floor(real);
  if (real - mantissa >= 0.5) mantissa += 1.0;
  if (mantissa == 0x1p31) return {1 << 30, shift - 32};
  return {static_cast<std::int32_t>(mantissa), shift - 31};
}
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  const std::int64_t one = std::int64_t{1} << (31 + m.shift);
  const std::int64_t product = std::abs(std::int64_t{acc}) * m.mantissa;
  std::int64_t quotient = product / one;
  const std::int64_t rest = product % one;
  if (rest > one - rest || (rest == one - rest && quotient % 2 == 1)) ++quotient;
  return acc < 0 ? -quotient : quotient;
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace magnitudes

namespace mantissa_cut_off {
const Answer kAnswer = wrong("cuts the mantissa off");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) {
  int exponent = 0;
  const double fraction = std::frexp(real, &exponent);
  return {static_cast<std::int32_t>(fraction * 0x1p31), -exponent};
}
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) { return right_product(acc, m); }
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace mantissa_cut_off

namespace mantissa_to_even {
const Answer kAnswer = wrong("rounds a half of the mantissa to even");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) {
  int exponent = 0;
  auto mantissa = std::llrint(std::ldexp(std::frexp(real, &exponent), 31));
  if (mantissa >> 31 != 0) return {1 << 30, -exponent - 1};
  return {static_cast<std::int32_t>(mantissa), -exponent};
}
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) { return right_product(acc, m); }
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace mantissa_to_even

namespace no_carry {
const Answer kAnswer = wrong("keeps a mantissa that has carried below 2^31");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) {
  int exponent = 0;
  const auto mantissa = std::llround(std::ldexp(std::frexp(real, &exponent), 31));
  return {static_cast<std::int32_t>(std::min(mantissa, (1LL << 31) - 1)), -exponent};
}
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) { return right_product(acc, m); }
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace no_carry

namespace carry_without_shift {
const Answer kAnswer = wrong("halves a mantissa that has carried and leaves the shift");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) {
  int exponent = 0;
  auto mantissa = std::llround(std::ldexp(std::frexp(real, &exponent), 31));
  if (mantissa >> 31 != 0) mantissa >>= 1;
  return {static_cast<std::int32_t>(mantissa), -exponent};
}
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) { return right_product(acc, m); }
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace carry_without_shift

namespace mantissa_of_a_float {
const Answer kAnswer = wrong("takes the real for a float");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) {
  return right_fixed_point(static_cast<double>(static_cast<float>(real)));
}
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) { return right_product(acc, m); }
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace mantissa_of_a_float

namespace halves_up {
const Answer kAnswer = wrong("rounds the product's halves up");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  const int shift = 31 + m.shift;
  return (std::int64_t{acc} * m.mantissa + (std::int64_t{1} << (shift - 1))) >> shift;
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace halves_up

namespace halves_away {
const Answer kAnswer = wrong("rounds the product's halves away from 0");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  const std::int64_t one = std::int64_t{1} << (31 + m.shift), half = acc < 0 ? -(one / 2) : one / 2;
  return (std::int64_t{acc} * m.mantissa + half) / one;
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace halves_away

namespace cut_off {
const Answer kAnswer = wrong("shifts without rounding");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  return (std::int64_t{acc} * m.mantissa) >> (31 + m.shift);
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace cut_off

namespace twice_rounded {
const Answer kAnswer = wrong("rounds after 31 bits, and again after the shift");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  if (m.shift <= 0) return right_product(acc, m);
  const std::int64_t high = right_product(acc, {m.mantissa, 0});
  const std::int64_t half = std::int64_t{1} << (m.shift - 1), down = high >> m.shift;
  const std::int64_t rest = high - (down << m.shift);
  return rest > half || (rest == half && down % 2 != 0) ? down + 1 : down;
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace twice_rounded

namespace in_double {
const Answer kAnswer = wrong("multiplies in double");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  return std::llrint(std::ldexp(static_cast<double>(acc) * m.mantissa, -31 - m.shift));
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace in_double

namespace tie_by_the_sign {
const Answer kAnswer = wrong("decides ties by whether the sum is odd");
namespace exercise {
using ::exercise::FixedPoint;
inline FixedPoint to_fixed_point(double real) { return right_fixed_point(real); }
inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  const int shift = 31 + m.shift;
  const std::int64_t product = std::int64_t{acc} * m.mantissa, down = product >> shift;
  const std::int64_t rest = product - (down << shift), half = std::int64_t{1} << (shift - 1);
  return rest > half || (rest == half && acc % 2 != 0) ? down + 1 : down;
}
}  // namespace exercise
#include "tests/exercises/ch02_2_test.cpp"
}  // namespace tie_by_the_sign

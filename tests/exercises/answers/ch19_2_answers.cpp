// Answers to exercise 19.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch19_2_test.cpp"

inline double number(std::uint32_t code) { return qfs::decode_float(code, qfs::kE5M2); }

// The solution with its choices left open.
struct Choices {
  bool floor_to_minus = false;  // low is below x rather than nearer to 0
  bool keep_sign = true;
  bool saturate = true;
  double coins = 4294967296.0;
  bool at_most = false;     // random <= f * 2^32
  bool other_side = false;  // 1 - f
  bool always_half = false;
};
inline std::uint32_t rounded(float x, std::uint32_t random, Choices c) {
  const float magnitude = std::fabs(x);
  if (!(magnitude < 57344.0F))
    return qfs::encode_float(x, qfs::kE5M2,
                             c.saturate ? qfs::Overflow::saturate : qfs::Overflow::not_finite);
  std::uint32_t low = 0;
  while (number(low + 1) <= static_cast<double>(magnitude)) ++low;
  double f = (static_cast<double>(magnitude) - number(low)) / (number(low + 1) - number(low));
  if (c.always_half && f > 0.0) f = 0.5;
  if (c.other_side && f > 0.0) f = 1.0 - f;
  if (c.floor_to_minus && std::signbit(x) && f > 0.0) random = ~random;
  const double coin = random, bound = f * c.coins;
  const bool up = f > 0.0 && (c.at_most ? coin <= bound : coin < bound);
  return low + (up ? 1U : 0U) + (c.keep_sign && std::signbit(x) ? 0x80U : 0U);
}

namespace searched {
const Answer kAnswer = right("looks for the lower neighbour from 0 on");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace searched

namespace by_ulp {
const Answer kAnswer = right("computes the step from the exponent");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  const std::uint32_t sign = std::signbit(x) ? 0x80U : 0U;
  if (std::isnan(x)) return sign + 0x7FU;
  const double magnitude = std::fabs(static_cast<double>(x));
  if (magnitude >= 57344.0) return sign + 0x7BU;
  int exponent = -14;
  while (std::ldexp(1.0, exponent + 1) <= magnitude) ++exponent;
  const double steps = std::ldexp(magnitude, 2 - exponent), whole = std::floor(steps);
  const std::uint32_t code =
      static_cast<std::uint32_t>(exponent + 14) * 4U + static_cast<std::uint32_t>(whole);
  return sign + code + (random < (steps - whole) * 4294967296.0 ? 1U : 0U);
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace by_ulp

namespace to_nearest {
const Answer kAnswer = wrong("rounds to nearest");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t) {
  return qfs::encode_float(x, qfs::kE5M2);
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace to_nearest

namespace a_fair_coin {
const Answer kAnswer = wrong("takes either neighbour with one half");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.always_half = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace a_fair_coin

namespace the_other_probability {
const Answer kAnswer = wrong("goes down with the probability of going up");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.other_side = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace the_other_probability

namespace sign_lost {
const Answer kAnswer = wrong("loses the sign");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.keep_sign = false});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace sign_lost

namespace to_infinity {
const Answer kAnswer = wrong("does not saturate");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.saturate = false});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace to_infinity

namespace one_bit_short {
const Answer kAnswer = wrong("takes 2^31 for 2^32");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.coins = 2147483648.0});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace one_bit_short

namespace at_most {
const Answer kAnswer = wrong("goes up where random equals f * 2^32 too");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.at_most = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace at_most

namespace towards_minus {
const Answer kAnswer = wrong("tosses the coin of a negative number the other way round");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return rounded(x, random, {.floor_to_minus = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace towards_minus

namespace nearest_as_low {
const Answer kAnswer = wrong("takes the nearest for the lower neighbour");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  const float magnitude = std::fabs(x);
  if (!(magnitude < 57344.0F)) return qfs::encode_float(x, qfs::kE5M2);
  const std::uint32_t low = qfs::encode_float(magnitude, qfs::kE5M2);
  const double f = (static_cast<double>(magnitude) - number(low)) / (number(low + 1) - number(low));
  return low + (random < f * 4294967296.0 ? 1U : 0U) + (std::signbit(x) ? 0x80U : 0U);
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace nearest_as_low

namespace subnormal_lost {
const Answer kAnswer = wrong("makes subnormal numbers 0");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  if (std::fabs(x) < 0x1p-14F) return std::signbit(x) ? 0x80U : 0U;
  return rounded(x, random, {});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace subnormal_lost

namespace nan_to_largest {
const Answer kAnswer = wrong("saturates NaN");
namespace exercise {
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  return std::isnan(x) ? 0x7BU : rounded(x, random, {});
}
}  // namespace exercise
#include "tests/exercises/ch19_2_test.cpp"
}  // namespace nan_to_largest

// Floating-point numbers in few bits: a sign, an exponent and a mantissa, each as wide as a format
// says.
//
// Symbols as in the text: x real, S sign, E the exponent's bits, M the mantissa's, m how many of
// those, b bias. A code is the number that all bits make together, the sign highest.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>

#include "01_affine_math/affine.hpp"

namespace qfs {

// [formats]
// Which codes are no finite numbers.
enum class NotFinite {
  none,     // every code is a number
  one_nan,  // E and M all ones: NaN, with either sign. No infinity.
  ieee,     // E all ones: infinity where M is 0, else NaN, as in IEEE 754
};

struct FloatFormat {
  int exponent_bits, mantissa_bits, bias;
  NotFinite not_finite;
  // The code of a sign alone, and of the largest finite number: 0x80 and 0x7E of E4M3.
  constexpr std::uint32_t sign_bit() const { return 1U << (exponent_bits + mantissa_bits); }
  constexpr std::uint32_t largest_code() const {
    if (not_finite == NotFinite::none) return sign_bit() - 1;
    return not_finite == NotFinite::one_nan ? sign_bit() - 2 : infinity_code() - 1;
  }
  constexpr std::uint32_t infinity_code() const { return sign_bit() - (1U << mantissa_bits); }
};

inline constexpr FloatFormat kE4M3 = {4, 3, 7, NotFinite::one_nan};  // ONNX's E4M3FN
inline constexpr FloatFormat kE5M2 = {5, 2, 15, NotFinite::ieee};
inline constexpr FloatFormat kE2M1 = {2, 1, 1, NotFinite::none};
inline constexpr FloatFormat kFloat16 = {5, 10, 15, NotFinite::ieee};  // chapter 17's
// [/formats]

// What becomes of a number that is, once rounded, beyond the largest: ONNX's saturate = 1 and 0.
enum class Overflow { saturate, not_finite };

// 2^exponent, -126 to 127.
constexpr float power_of_two(int exponent) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
}

// Throws Error unless exponent and mantissa have a bit each and 16 with the sign, at most, and
// every number but 0 is a normal float32.
constexpr void require_format(FloatFormat f) {
  const bool fits = f.exponent_bits >= 1 && f.mantissa_bits >= 1 &&
                    f.exponent_bits + f.mantissa_bits <= 15 && f.bias >= 0 &&
                    f.bias + f.mantissa_bits <= 127 && (1 << f.exponent_bits) - f.bias <= 128;
  if (!fits)
    fail("a float format does not fit",
         "E" + std::to_string(f.exponent_bits) + "M" + std::to_string(f.mantissa_bits) + ", bias " +
             std::to_string(f.bias),
         "at most 16 bits, every number a normal float32", "take fewer bits or another bias");
}

// [decode]
// code -> real (eq. 19.1), exact: every number of these formats is a float32.
constexpr float decode_float(std::uint32_t code, FloatFormat f) {
  require_format(f);
  const std::uint32_t magnitude = code & (f.sign_bit() - 1);
  const std::uint32_t mantissa = magnitude & ((1U << f.mantissa_bits) - 1);
  const int exponent = static_cast<int>(magnitude >> f.mantissa_bits);
  const float sign = (code & f.sign_bit()) != 0 ? -1.0F : 1.0F;
  if (magnitude > f.largest_code())
    return f.not_finite == NotFinite::ieee && mantissa == 0
               ? sign * std::numeric_limits<float>::infinity()
               : std::numeric_limits<float>::quiet_NaN();
  // E = 0 has no leading 1, and the step of E = 1: the subnormal numbers.
  const std::uint32_t significand = mantissa + (exponent > 0 ? 1U << f.mantissa_bits : 0U);
  const int step = std::max(exponent, 1) - f.bias - f.mantissa_bits;  // its power of two
  return sign * static_cast<float>(significand) * power_of_two(step);
}
// [/decode]

// [encode]
// |x| -> code without sign, to nearest, ties to even (eq. 19.2), as if E had no end: the result
// may be beyond the largest code. x, finite, by its bits: significand * 2^(exponent - 150).
constexpr std::uint32_t round_magnitude(float x, FloatFormat f) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFU;
  const int exponent = std::max(static_cast<int>(bits >> 23), 1);
  const std::uint32_t significand = (bits & 0x7FFFFFU) + (bits >> 23 != 0 ? 0x800000U : 0U);
  const int E = std::max(exponent - 127 + f.bias, 1);  // below 1: subnormal, the step of E = 1
  // One step of the format is 2^cut of the significand's. At 25 even the largest is below a half.
  const int cut = std::min(23 - f.mantissa_bits + E - (exponent - 127 + f.bias), 25);
  const std::uint32_t whole = significand >> cut, rest = significand & ((1U << cut) - 1);
  const std::uint32_t half = 1U << (cut - 1);
  const std::uint32_t up = rest > half || (rest == half && whole % 2 == 1) ? 1U : 0U;
  // Codes are in the order of what they stand for: a mantissa that overflows carries into E.
  return whole + up + (static_cast<std::uint32_t>(E - 1) << f.mantissa_bits);
}

// real -> code, by the two tables of ONNX's cast. NaN becomes the NaN of its sign with all bits
// set; where the format has none, it is an Error, and so is a number beyond the largest that
// may not saturate.
constexpr std::uint32_t encode_float(float x, FloatFormat f,
                                     Overflow overflow = Overflow::saturate) {
  require_format(f);
  const bool negative = std::bit_cast<std::uint32_t>(x) >> 31 != 0;
  const std::uint32_t sign = negative ? f.sign_bit() : 0U, nan = sign + f.sign_bit() - 1;
  const bool is_nan = x != x;
  const float largest_float = std::numeric_limits<float>::max();
  const bool is_infinite = !is_nan && (x > largest_float || x < -largest_float);
  const std::uint32_t rounded = is_nan || is_infinite ? 0U : round_magnitude(x, f);
  if (!is_nan && !is_infinite && rounded <= f.largest_code()) return sign + rounded;
  if (!is_nan && overflow == Overflow::saturate) return sign + f.largest_code();
  if (f.not_finite == NotFinite::none)
    fail("this float format has neither NaN nor infinity", to_message(x), "a number in its range",
         "look for a division by zero before it, or saturate");
  return is_nan || f.not_finite == NotFinite::one_nan ? nan : sign + f.infinity_code();
}
// [/encode]

// The nearest number of the format, saturating.
constexpr float round_to_format(float x, FloatFormat f) {
  return decode_float(encode_float(x, f), f);
}

static_assert(decode_float(0x7E, kE4M3) == 448.0F && decode_float(0x7B, kE5M2) == 57344.0F);
static_assert(decode_float(0x01, kE4M3) == power_of_two(-9) &&
              decode_float(0x01, kE5M2) == power_of_two(-16));
static_assert(decode_float(7, kE2M1) == 6.0F && decode_float(9, kE2M1) == -0.5F);

}  // namespace qfs

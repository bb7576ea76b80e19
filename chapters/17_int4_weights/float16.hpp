// float16, the 16-bit float of IEEE 754 (binary16), to and from float32: a scale in half the bytes.
//
// 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. Largest finite: 65504. Smallest normal:
// 2^-14. Below that multiples of 2^-24.
#pragma once

#include <bit>
#include <cstdint>

#include "02_integer_products/requantize.hpp"

namespace qfs {

// [to_float16]
// To the nearest float16, ties to the even one: what NumPy and F16C's vcvtps2ph give. From 65520
// on, the tie above the largest one, it is infinity. NaN stays NaN, with its sign.
constexpr std::uint16_t to_float16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  std::int64_t half = 0;
  if (magnitude > 0x7F800000) {  // NaN
    half = 0x7E00;
  } else if (magnitude >= 0x477FF000) {  // 65520 and more
    half = 0x7C00;
  } else if (magnitude >= 0x38800000) {  // 2^-14 and more
    // Another bias, and 13 bits of fraction less. A carry out of the fraction is one exponent more.
    half = rounding_shift_right<ShiftRounding::half_even>(
        std::int64_t{magnitude} - (std::int64_t{127 - 15} << 23), 13);
  } else if (magnitude >= 0x33000000) {  // 2^-25 and more: so many times 2^-24 (eq. 17.5)
    const std::int64_t significand = (magnitude & 0x7FFFFF) | 0x800000;
    half = rounding_shift_right<ShiftRounding::half_even>(significand,
                                                          126 - static_cast<int>(magnitude >> 23));
  }
  return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(half));
}

// Exact: every float16 is a float32.
constexpr float from_float16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16, exponent = half >> 10 & 0x1FU,
                      fraction = half & 0x3FFU;
  if (exponent == 0) {  // 0, or a multiple of 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}
// [/to_float16]

static_assert(to_float16(1.0F) == 0x3C00 && to_float16(-2.0F) == 0xC000);
static_assert(to_float16(65504.0F) == 0x7BFF && to_float16(65520.0F) == 0x7C00);
static_assert(to_float16(0x1p-24F) == 1 && to_float16(0x1p-25F) == 0 &&
              to_float16(0x1.8p-24F) == 2);
static_assert(from_float16(0x3555) == 0x1.554p-2F);  // the nearest one to 1/3

}  // namespace qfs

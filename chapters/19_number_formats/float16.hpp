// IEEE 754's binary16, the scale of most block formats: 5 bits of exponent, 10 of mantissa.
#pragma once

#include "19_number_formats/float8.hpp"

namespace qfs {

inline constexpr FloatFormat kFloat16 = {5, 10, 15, NotFinite::ieee};

// Rounded to nearest, ties to even, subnormal numbers included; 65520 and more become infinity, as
// the hardware does it.
constexpr std::uint16_t to_float16(float x) {
  return static_cast<std::uint16_t>(encode_float(x, kFloat16, Overflow::not_finite));
}

// Exact.
constexpr float from_float16(std::uint16_t code) { return decode_float(code, kFloat16); }

static_assert(to_float16(1.0F) == 0x3C00 && to_float16(65504.0F) == 0x7BFF);
static_assert(to_float16(65519.0F) == 0x7BFF && to_float16(65520.0F) == 0x7C00);
static_assert(from_float16(0x0001) == power_of_two(-24) && from_float16(0x3555) == 0.333251953125F);

}  // namespace qfs

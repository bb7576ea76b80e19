// Exercise 2.2, solved.
#pragma once

#include <cmath>
#include <cstdint>

namespace exercise {

struct FixedPoint {
  std::int32_t mantissa = 0;
  int shift = 0;
};

// [solution]
inline FixedPoint to_fixed_point(double real) {
  int exponent = 0;
  const double fraction = std::frexp(real, &exponent);
  auto mantissa = static_cast<std::int64_t>(std::floor(fraction * 0x1p31 + 0.5));
  if (mantissa == std::int64_t{1} << 31) {
    mantissa = std::int64_t{1} << 30;
    ++exponent;
  }
  return {static_cast<std::int32_t>(mantissa), -exponent};
}

inline std::int64_t multiply(std::int32_t acc, FixedPoint m) {
  const int shift = 31 + m.shift;
  const std::int64_t product = std::int64_t{acc} * m.mantissa;
  const std::int64_t down = product >> shift;
  const std::int64_t cut_off = product - (down << shift);
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  const bool up = cut_off > half || (cut_off == half && (down & 1) == 1);
  return up ? down + 1 : down;
}
// [/solution]

}  // namespace exercise

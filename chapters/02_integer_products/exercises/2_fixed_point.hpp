// Exercise 2.2: a multiplier without float.
//
// Write a positive real as mantissa * 2^-(31 + shift) with a mantissa of 31 bits, 2^30 <= mantissa
// < 2^31 (eq. 2.10); then multiply a sum by it in 64-bit integers with one rounding, ties to even
// (eq. 2.11). real is at least 2^-32 and below 2^29, so that 31 + shift lies in 1..62.
#pragma once

#include <cmath>
#include <cstdint>

#include "common/exercise.hpp"

namespace exercise {

struct FixedPoint {
  std::int32_t mantissa = 0;
  int shift = 0;
};

// The mantissa is rounded to an integer, halves up. Rounding may carry it to 2^31: then it is 2^30,
// and the shift one smaller.
inline FixedPoint to_fixed_point([[maybe_unused]] double real) {
  // TODO: return mantissa and shift.
  qfs::not_written_yet("2.2: to_fixed_point");
}

// acc * mantissa / 2^(31 + shift), rounded to the nearest integer, ties to even.
inline std::int64_t multiply([[maybe_unused]] std::int32_t acc, [[maybe_unused]] FixedPoint m) {
  // TODO: return the rounded product; use no float.
  qfs::not_written_yet("2.2: multiply");
}

}  // namespace exercise

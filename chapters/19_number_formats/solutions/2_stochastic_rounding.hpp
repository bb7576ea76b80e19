// Exercise 19.2, solved.
#pragma once

#include <cmath>
#include <cstdint>

#include "19_number_formats/float8.hpp"

namespace exercise {

// [solution]
inline std::uint32_t round_stochastically(float x, std::uint32_t random) {
  const float magnitude = std::fabs(x);
  if (!(magnitude < 57344.0F)) return qfs::encode_float(x, qfs::kE5M2);
  std::uint32_t low = qfs::encode_float(magnitude, qfs::kE5M2);
  if (qfs::decode_float(low, qfs::kE5M2) > magnitude) --low;
  const double from = qfs::decode_float(low, qfs::kE5M2);
  const double to = qfs::decode_float(low + 1, qfs::kE5M2);
  const double f = (static_cast<double>(magnitude) - from) / (to - from);
  const std::uint32_t code = low + (static_cast<double>(random) < f * 4294967296.0 ? 1U : 0U);
  return code + (std::signbit(x) ? 0x80U : 0U);
}
// [/solution]

}  // namespace exercise

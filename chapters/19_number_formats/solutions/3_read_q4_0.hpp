// Exercise 19.3, solved.
#pragma once

#include <cstdint>
#include <span>

#include "17_int4_weights/float16.hpp"

namespace exercise {

// [solution]
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  const std::size_t blocks = (x.size() + 31) / 32;
  qfs::require(bytes.size() == 18 * blocks, "Q4_0: 18 bytes for 32 numbers", bytes.size(),
               18 * blocks, "read all blocks of the row");
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto block = bytes.subspan(18 * (i / 32), 18);
    const float scale = qfs::from_float16(static_cast<std::uint16_t>(block[0] | block[1] << 8));
    const int byte = block[2 + i % 16];
    const int q = i % 32 < 16 ? byte & 15 : byte >> 4;
    x[i] = static_cast<float>(q - 8) * scale;
  }
}
// [/solution]

}  // namespace exercise

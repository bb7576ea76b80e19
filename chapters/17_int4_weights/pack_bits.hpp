// Integers of 2, 3, 4 or 8 bits, without a gap between them.
#pragma once

#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"

namespace qfs {

// Throws Error unless weights may have so many bits. (5, 6 and 7 would pack as well; no model and
// no kernel of this course has them.)
inline void require_weight_bits(int bits) {
  require(bits == 2 || bits == 3 || bits == 4 || bits == 8, "no weights of so many bits", bits,
          "2, 3, 4 or 8", "4 is the usual number below 8");
}

// ceil(count bits / 8).
constexpr std::size_t packed_bytes(std::size_t count, int bits) {
  return (count * static_cast<std::size_t>(bits) + 7) / 8;
}

// [pack_bits]
// The code of q is u = q - qmin = q + 2^(b-1), in [0, 2^b). Code k stands in bits k b to k b + b -
// 1 of the bytes, the lowest bit of byte 0 being bit 0 (eq. 17.2): two codes of 4 bits in a byte,
// the first one low; four of 2 bits; eight of 3 bits in three bytes, two of them across a border.
// What is left of the last byte is 0. Throws Error where q is outside of signed_range(bits).
inline void pack_bits(std::span<const std::int8_t> q, int bits, std::span<std::uint8_t> bytes) {
  require_weight_bits(bits);
  require(bytes.size() == packed_bytes(q.size(), bits),
          "pack_bits: so many integers need other room", bytes.size(), packed_bytes(q.size(), bits),
          "make it packed_bytes(count, bits) long");
  const QuantRange range = signed_range(bits);
  std::uint32_t waiting = 0;  // bits that fill no byte yet
  int count = 0;
  std::size_t at = 0;
  for (std::int8_t value : q) {
    require(
        range.qmin <= value && value <= range.qmax, "pack_bits: an integer has more bits", +value,
        [&] { return std::to_string(range.qmin) + ".." + std::to_string(range.qmax); },
        "quantize to signed_range(bits)");
    waiting |= static_cast<std::uint32_t>(value - range.qmin) << count;
    for (count += bits; count >= 8; count -= 8, waiting >>= 8)
      bytes[at++] = static_cast<std::uint8_t>(waiting);
  }
  if (count > 0) bytes[at] = static_cast<std::uint8_t>(waiting);
}

inline void unpack_bits(std::span<const std::uint8_t> bytes, int bits, std::span<std::int8_t> q) {
  require_weight_bits(bits);
  require(bytes.size() == packed_bytes(q.size(), bits), "unpack_bits: other bytes than integers",
          bytes.size(), packed_bytes(q.size(), bits), "pass all bytes of so many integers");
  const std::uint32_t mask = (1U << bits) - 1;
  std::uint32_t waiting = 0;
  int count = 0;
  std::size_t at = 0;
  for (std::int8_t& value : q) {
    for (; count < bits; count += 8) waiting |= static_cast<std::uint32_t>(bytes[at++]) << count;
    value = static_cast<std::int8_t>(static_cast<std::int32_t>(waiting & mask) +
                                     signed_range(bits).qmin);
    waiting >>= bits;
    count -= bits;
  }
}
// [/pack_bits]

}  // namespace qfs

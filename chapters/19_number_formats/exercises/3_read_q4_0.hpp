// Exercise 19.3: read Q4_0 out of a file.
//
// A row of weights lies in a file as Q4_0 blocks of 18 bytes: two bytes of float16, the lower one
// first, then 16 bytes of integers. Of those, byte j (j = 0 to 15) holds number j of the block in
// its low half and number j + 16 in its high half; the integers 0 to 15 stand for -8 to 7 times the
// scale. Fill x. The last block may hold more numbers than are left. Where the number of bytes is
// not that of the blocks that x needs, throw qfs::Error (qfs::require does). qfs::from_float16 may
// be used.
#pragma once

#include <cstdint>
#include <span>

#include "17_int4_weights/float16.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void read_q4_0([[maybe_unused]] std::span<const std::uint8_t> bytes,
                      [[maybe_unused]] std::span<float> x) {
  // TODO: fill x.
  qfs::not_written_yet("19.3: read_q4_0");
}

}  // namespace exercise

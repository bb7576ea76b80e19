// Exercise 19.2: round to E5M2 by the toss of a coin.
//
// In training a gradient that is smaller than half a step is rounded away for ever. Stochastic
// rounding keeps it on average. Let low <= |x| < high be the neighbours of |x| in E5M2 and
// f = (|x| - low) / (high - low). The result is high if random < f * 2^32, compared in double, else
// low; with x's sign. `random` holds 32 uniform bits, so high has the probability f. A number of
// E5M2 stays what it is. Beyond 57344, and for infinity, the result is 57344 with x's sign; NaN
// gives NaN. Return the code, 0 to 255. qfs::encode_float and qfs::decode_float may be used.
#pragma once

#include <cmath>
#include <cstdint>

#include "19_number_formats/float8.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::uint32_t round_stochastically([[maybe_unused]] float x,
                                          [[maybe_unused]] std::uint32_t random) {
  // TODO: return the code.
  qfs::not_written_yet("19.2: round_stochastically");
}

}  // namespace exercise

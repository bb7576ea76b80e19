// Exercise 9.3: fewer and fewer bits.
//
// A net that cannot go from float to 2 bits at once may go by way of 8, 7, 6, ... bits. Write the
// schedule, and what happens to a scale at each change.
//
// bits_at: the bits of epoch 1, 2, ..., epochs, on the way from `from` to `to` (from >= to). They
// never rise, the last epoch has `to`, and the stages are as equal as whole epochs allow: no number
// of bits has two epochs more than another one. With fewer epochs than stages some numbers are
// skipped, but never `to`.
//
// keep_interval: the scale with which `after` bits cover the interval that a scale `s` covered with
// `before` bits. (b bits have 2^b - 1 steps.)
#pragma once

#include "common/exercise.hpp"

namespace exercise {

inline int bits_at([[maybe_unused]] int epoch, [[maybe_unused]] int epochs,
                   [[maybe_unused]] int from, [[maybe_unused]] int to) {
  // TODO: return the bits of this epoch.
  qfs::not_written_yet("9.3: bits_at");
}

inline float keep_interval([[maybe_unused]] float s, [[maybe_unused]] int before,
                           [[maybe_unused]] int after) {
  // TODO: return the new scale.
  qfs::not_written_yet("9.3: keep_interval");
}

}  // namespace exercise

// Exercise 9.1: PACT, a learned clip.
//
// Before LSQ learned the step, PACT (Choi et al., 2018) learned the clip: a hidden activation is
// cut at alpha, which is a parameter, and what is left is rounded to `bits` bits:
//   y = s round(min(max(x, 0), alpha) / s),   s = alpha / (2^bits - 1)
// Backward, rounding passes every gradient, as ever, and the two cuts do what cuts do: x passes dy
// where 0 < x < alpha. Who gets dy where x >= alpha? Moving x there moves nothing; moving alpha
// does. pact_backward fills dx and returns dL/dalpha, added up in double.
// round is qfs::round_fast or std::nearbyint. alpha > 0; x, y, dy and dx have one length.
#pragma once

#include <algorithm>
#include <span>

#include "09_qat/lsq.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline void pact_forward([[maybe_unused]] std::span<const float> x, [[maybe_unused]] float alpha,
                         [[maybe_unused]] int bits, [[maybe_unused]] std::span<float> y) {
  // TODO: fill y.
  qfs::not_written_yet("9.1: pact_forward");
}

inline double pact_backward([[maybe_unused]] std::span<const float> x,
                            [[maybe_unused]] std::span<const float> dy,
                            [[maybe_unused]] float alpha, [[maybe_unused]] std::span<float> dx) {
  // TODO: fill dx and return dL/dalpha.
  qfs::not_written_yet("9.1: pact_backward");
}

}  // namespace exercise

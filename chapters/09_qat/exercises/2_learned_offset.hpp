// Exercise 9.2: LSQ+, a learned offset.
//
// Not every activation starts at 0. LSQ+ (Bhalgat et al., 2020) learns where the grid begins,
// beside its step:
//   y = s r + beta,   r = clamp(round((x - beta) / s), qmin, qmax)
// Derive the three slopes of y, with the slope of round taken as 1: by x, by s and by beta, where
// nothing was clamped and where something was. Then write learned_offset_backward: it fills dx and
// returns the sums of dy times the slopes by s and by beta, added up in double, without LSQ's g.
// Rounding is to nearest, ties to even; x, dy and dx have one length, and dx may be dy.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "09_qat/lsq.hpp"
#include "common/exercise.hpp"

namespace exercise {

struct OffsetGradients {
  double scale = 0.0, offset = 0.0;
};

inline OffsetGradients learned_offset_backward([[maybe_unused]] std::span<const float> x,
                                               [[maybe_unused]] std::span<const float> dy,
                                               [[maybe_unused]] float s,
                                               [[maybe_unused]] float beta,
                                               [[maybe_unused]] qfs::QuantRange range,
                                               [[maybe_unused]] std::span<float> dx) {
  // TODO: fill dx and return both gradients.
  qfs::not_written_yet("9.2: learned_offset_backward");
}

}  // namespace exercise

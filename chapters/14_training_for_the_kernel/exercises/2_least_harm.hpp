// Exercise 14.2: which integers give way?
//
// The reals of a lane fit, and rounded to integers they no longer do. t are the reals, in steps of
// their scale; q are the same rounded to the nearest integer, halves to the even one, and clamped
// to -128..127. The positive integers may add up to `most`, the negative ones to -most.
//
// Write bring_within: moves integers towards 0, none past it, by one step, or by several, so that
// both sums fit; and of all ways to do so one whose squared error, the sum of (q - t)^2, is least.
// Of equally good ways any will do. most is 0 or more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

inline void bring_within([[maybe_unused]] std::span<std::int32_t> q,
                         [[maybe_unused]] std::span<const double> t,
                         [[maybe_unused]] std::int32_t most) {
  // TODO: move integers towards 0 until both sums fit.
  qfs::not_written_yet("14.2: bring_within");
}

}  // namespace exercise

// Exercise 15.1: a percentile that does not jump from bin to bin.
//
// The chapter's percentile is the left edge of a bin (eq. 15.3): 100 % leave the largest value out,
// and 99 % of a tensor that is nearly all 0 are T = 0. Take the values of a bin to lie evenly in
// it, and write the T up to which exactly `percent` % of all counts lie: in the first bin i up to
// and with which there are that many, at the share of its width that is needed to reach them. Of a
// histogram without bins T is 0. 0 < percent <= 100.
#pragma once

#include <cstdint>

#include "15_calibration_methods/histogram.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline double percentile_inside([[maybe_unused]] const qfs::Histogram& histogram,
                                [[maybe_unused]] double percent) {
  // TODO: return T.
  qfs::not_written_yet("15.1: percentile_inside");
}

}  // namespace exercise

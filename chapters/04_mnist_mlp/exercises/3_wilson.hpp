// Exercise 4.3: is one net better than the other?
//
// Net A gets `a` of `total` test digits right, net B gets `b` of `total` others. Write Wilson's
// interval for 95 % confidence (eq. 4.14, z = 1.959964), and say "better" only when the two
// intervals do not touch. (Intervals that overlap a little can still hide a real difference.)
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/exercise.hpp"

namespace exercise {

struct Interval {
  double low = 0.0, high = 0.0;
};

// correct of total, total > 0.
inline Interval wilson([[maybe_unused]] std::size_t correct, [[maybe_unused]] std::size_t total) {
  // TODO: return both ends, as shares between 0 and 1.
  qfs::not_written_yet("4.3: wilson");
}

enum class Verdict { a_is_better, b_is_better, cannot_say };

inline Verdict compare([[maybe_unused]] std::size_t a, [[maybe_unused]] std::size_t b,
                       [[maybe_unused]] std::size_t total) {
  // TODO: compare the intervals.
  qfs::not_written_yet("4.3: compare");
}

}  // namespace exercise

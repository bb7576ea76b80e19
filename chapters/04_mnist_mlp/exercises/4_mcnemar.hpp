// Exercise 4.4: is one net better than the other, or was it chance?
//
// Of the digits that exactly one of two nets gets right, `only_a` went to the one and `only_b` to
// the other. If neither net were better, each of these n = only_a + only_b digits would have fallen
// to either side like a coin. p is the chance that n coins fall at least as unevenly (eq. 4.15):
//   p = min(1, 2 (C(n, 0) + C(n, 1) + ... + C(n, k)) / 2^n),   k the smaller of the two counts.
#pragma once

#include <algorithm>
#include <cstddef>

#include "common/exercise.hpp"

namespace exercise {

// p, to nine digits. n may be a few thousand, where 2^n is no double any more.
inline double mcnemar_p([[maybe_unused]] std::size_t only_a, [[maybe_unused]] std::size_t only_b) {
  // TODO: return p.
  qfs::not_written_yet("4.4: mcnemar_p");
}

}  // namespace exercise

// Exercise 16.2: which digits can flip?
//
// Rounding moves every logit of a digit by at most d. Can its class change? Write can_flip: true
// where some logits z' with |z'[k] - z[k]| <= d for every k give another class than z, false where
// none do. The class is that of argmax: the largest logit, and of equal ones the first. Reals, not
// floats: think of z and d as exact, and add or subtract in double, where sums of floats of usual
// size are exact. d is not negative. One class alone cannot flip.
//
// Then count_safe: how many rows of logits (B x classes) cannot flip. Whoever knows d knows,
// without running the integer net, that those digits keep their class.
#pragma once

#include <algorithm>
#include <span>

#include "common/exercise.hpp"
#include "common/tensor.hpp"

namespace exercise {

inline bool can_flip([[maybe_unused]] std::span<const float> z, [[maybe_unused]] float d) {
  // TODO: return whether another class can win.
  qfs::not_written_yet("16.2: can_flip");
}

inline std::size_t count_safe([[maybe_unused]] const qfs::Matrix<float>& logits,
                              [[maybe_unused]] float d) {
  // TODO: return how many rows cannot flip.
  qfs::not_written_yet("16.2: count_safe");
}

}  // namespace exercise

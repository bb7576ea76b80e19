// Exercise 7.2: any clamp of reals is a clamp of integers.
//
// ReLU6 is min(max(x, 0), 6); a hard tanh cuts at -1 and 1. Write fused_range: the range of
// integers that a layer must be clamped to, so that its outputs are those of the layer followed by
// a cut of the reals to [low, high]. low <= high; either may be infinite. `range` is the layer's
// range before: the result may not leave it, wherever the cut lies. A real becomes an integer as in
// chapter 01; qfs::quantize_value may be used.
#pragma once

#include "01_affine_math/affine.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline qfs::QuantRange fused_range([[maybe_unused]] qfs::QuantParams output,
                                   [[maybe_unused]] qfs::QuantRange range,
                                   [[maybe_unused]] float low, [[maybe_unused]] float high) {
  // TODO: return the lowest and the highest integer that may come out.
  qfs::not_written_yet("7.2: fused_range");
}

}  // namespace exercise

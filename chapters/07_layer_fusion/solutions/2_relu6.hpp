// Exercise 7.2, solved.
#pragma once

#include "01_affine_math/affine.hpp"

namespace exercise {

// [solution]
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {qfs::quantize_value(low, output, range), qfs::quantize_value(high, output, range)};
}
// [/solution]

}  // namespace exercise

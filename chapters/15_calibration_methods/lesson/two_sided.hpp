// The entropy search of ONNX Runtime: a histogram of values over [-th, th], clipped on both sides.
#pragma once

#include <span>

#include "01_affine_math/affine.hpp"

namespace qfs::ch15 {

struct TwoSided {
  Interval interval{};
  std::size_t candidates = 0;
};

// calibrate.py, get_entropy_threshold: `bins` bins, of which i = quantized / 2 ... bins / 2 on
// either side of the middle are kept; the first least divergence wins; what is left is cut to the
// extremes of x. Q holds whole numbers, its last level is not spread over the bins that are left
// over, and zeros of both are replaced by 0.0001.
TwoSided two_sided_search(std::span<const float> x, std::size_t bins, std::size_t quantized);

}  // namespace qfs::ch15

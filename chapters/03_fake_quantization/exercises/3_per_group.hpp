// Exercise 3.3: fake quantization by groups.
//
// w holds rows of `columns` numbers, row after row. Cut every row into groups of `group_size`
// neighbours; where columns is not a multiple of it, the last group of each row is shorter, and the
// next row starts a new group. Give every group its own symmetric scale
//   s = max(largest |w| of the group / qmax, kSmallestScale)
// and write y = s * nearbyint(w * (1 / s)), all in float32. Nothing is clipped, so no clamp is
// needed. w and y have one length, a multiple of columns.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

inline constexpr float kSmallestScale = 1.1920929e-07F;  // a group of zeros must not divide by 0

inline void fake_quantize_groups([[maybe_unused]] std::span<const float> w,
                                 [[maybe_unused]] std::size_t columns,
                                 [[maybe_unused]] std::size_t group_size,
                                 [[maybe_unused]] std::int32_t qmax,
                                 [[maybe_unused]] std::span<float> y) {
  // TODO: fill y.
  qfs::not_written_yet("3.3: fake quantization by groups");
}

}  // namespace exercise

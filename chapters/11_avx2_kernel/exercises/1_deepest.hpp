// Exercise 11.1: how many products fit a lane, if the weights stay in their order?
//
// A row of weights is cut into blocks of d: the first d, the next d, and so on; the last block may
// be shorter. The products of a block are added in one 16-bit lane, -32768 to 32767. A block fits
// if its sum fits for all inputs, each an integer from 0 to x_max on its own (eq. 11.2).
//
// Write deepest: the largest d for which every block fits. d is any integer from 1 to the length of
// the row, not a power of two alone; for a row without weights return 0. Weights are any of s8,
// x_max is 1 to 255, so that d = 1 always fits.
//
// With care: where d fits, a smaller one need not. Of 0 0 0 100 0 100 at x_max = 255 blocks of 4
// fit, and blocks of 3 do not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "11_avx2_kernel/lane_depth.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::size_t deepest([[maybe_unused]] std::span<const std::int8_t> w,
                           [[maybe_unused]] std::int32_t x_max) {
  // TODO: return the largest d. qfs::LaneSums and qfs::fits_lane may help.
  qfs::not_written_yet("11.1: deepest");
}

}  // namespace exercise

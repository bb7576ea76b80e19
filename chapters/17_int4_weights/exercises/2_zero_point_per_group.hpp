// Exercise 17.2: a zero point for every group.
//
// Weights whose groups lie on one side of 0 waste half of a symmetric range. So let q_w be 0 to 15,
// and give every group a zero point z_w[n, g] beside its scale s_w[n, g]:
//   y[n] = bias[n] + s_x sum over the groups g of
//          s_w[n, g] (sum over k in g of (q_x[k] - z_x) (q_w[n, k] - z_w[n, g]))
// A kernel does not subtract in its inner loop. Expand the product, and write
// linear_with_zero_points so that the loop over k multiplies q_x by q_w and nothing else; the other
// terms need the sum of q_x over the group, the sum of q_w over the group, and the number of inputs
// in it. q_x is one row of K bytes; x_params holds its s_x and z_x.
//
// K need not be a multiple of the group size: the last group is shorter, and its number of inputs
// is its own. Sums in integers; reals in float32, a few roundings more or less do not matter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"
#include "common/exercise.hpp"

namespace exercise {

struct Layer {
  std::size_t outputs = 0, inputs = 0;       // N, K
  std::size_t group_size = 1;                // G = ceil(K / group_size) groups
  std::span<const std::uint8_t> q_w;         // N x K, each 0 to 15
  std::span<const float> scale;              // N x G
  std::span<const std::uint8_t> zero_point;  // N x G, each 0 to 15
  std::span<const float> bias;               // N
};

inline void linear_with_zero_points([[maybe_unused]] const Layer& layer,
                                    [[maybe_unused]] std::span<const std::uint8_t> q_x,
                                    [[maybe_unused]] qfs::QuantParams x_params,
                                    [[maybe_unused]] std::span<float> y) {
  // TODO: fill y, N reals.
  qfs::not_written_yet("17.2: linear_with_zero_points");
}

}  // namespace exercise

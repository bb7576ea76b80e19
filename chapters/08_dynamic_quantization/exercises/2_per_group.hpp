// Exercise 8.2: a scale for every group of inputs.
//
// One row x of K inputs. Its neighbours in the batch no longer matter, but one large input still
// coarsens all others of the row. So cut the row into groups of `group_size` inputs (the last one
// may be shorter) and give each group its own scale and zero point:
//   qfs::choose_qparams(smallest, largest, {0, 255}) and qfs::quantize_value, both of chapter 01.
// The sums of different groups are worth different reals, so they can not be added as integers:
//   y[n] = bias[n] + sum over the groups g of
//          s_x[g] s_w (sum over k in g of q_x[k] q_w[n, k]  -  z_x[g] sum over k in g of q_w[n, k])
// Write layer_per_group: fill y, N reals. Sums in integers; reals in float32, a few roundings more
// or less do not matter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"
#include "common/exercise.hpp"

namespace exercise {

struct Layer {
  std::span<const std::int8_t> weight;  // N x K, one row per output
  float weight_scale = 1.0F;            // s_w
  std::span<const float> bias;          // N
};

inline void layer_per_group([[maybe_unused]] const Layer& layer,
                            [[maybe_unused]] std::span<const float> x,
                            [[maybe_unused]] std::size_t group_size,
                            [[maybe_unused]] std::span<float> y) {
  // TODO: fill y.
  qfs::not_written_yet("8.2: layer_per_group");
}

}  // namespace exercise

// Exercise 18.2: GPTQ, the liveliest inputs first ("act-order").
//
// The first input is rounded with all others still free to make it good, the last with none. So let
// the inputs that matter most come first: in the order of falling G_ii, of equal ones the lower
// index first. Reorder weights and G, run qfs::gptq, and put the integers back where they belong.
// G is K x K, weight N x K; the scales are as they were.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "18_better_rounding/gptq.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline qfs::QuantizedWeight gptq_act_order(
    [[maybe_unused]] const qfs::Matrix<float>& weight,
    [[maybe_unused]] std::span<const qfs::QuantParams> params,
    [[maybe_unused]] qfs::QuantRange range, [[maybe_unused]] const qfs::Matrix<float>& G) {
  // TODO: order, gptq, and back.
  qfs::not_written_yet("18.2: gptq_act_order");
}

}  // namespace exercise

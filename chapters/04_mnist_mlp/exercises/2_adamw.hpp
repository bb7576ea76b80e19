// Exercise 4.2: Adam with weight decay.
//
// Weights that the data does not need should shrink toward 0. PyTorch's AdamW takes 0.001 * 0.01 of
// every weight away first, whatever the gradient, and then makes Adam's step (eq. 4.9 to 4.12): the
// decay never enters m or v. Write that step for one tensor, in this order, with learning_rate
// 0.001, decay 0.01, beta1 = 0.9, beta2 = 0.999, eps = 1e-8; in float32 or in double.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

// What Adam remembers of one tensor between steps.
struct AdamState {
  std::vector<float> m, v;  // as many as there are weights, 0 at the start
  int t = 0;                // how many steps were taken
};

inline void adamw_step([[maybe_unused]] AdamState& state, [[maybe_unused]] std::span<float> w,
                       [[maybe_unused]] std::span<const float> gradient) {
  // TODO: take one step: change state.m, state.v, state.t and w.
  qfs::not_written_yet("4.2: adamw_step");
}

}  // namespace exercise

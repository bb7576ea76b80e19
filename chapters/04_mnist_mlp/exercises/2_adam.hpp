// Exercise 4.2: one step of Adam.
//
// Write the step for one tensor (eq. 4.9 to 4.12), in the order in which PyTorch computes it:
// update m and v, correct both for having started at 0, move w. learning_rate = 0.001, beta1 = 0.9,
// beta2 = 0.999, eps = 1e-8.
#pragma once

#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

// What Adam remembers of one tensor between steps.
struct AdamState {
  std::vector<float> m, v;  // as many as there are weights, 0 at the start
  int t = 0;                // how many steps were taken
};

inline void adam_step([[maybe_unused]] AdamState& state, [[maybe_unused]] std::span<float> w,
                      [[maybe_unused]] std::span<const float> gradient) {
  // TODO: take one step: change state.m, state.v, state.t and w.
  qfs::not_written_yet("4.2: adam_step");
}

}  // namespace exercise

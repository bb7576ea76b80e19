// Exercise 14.1: one bound for both signs.
//
// This chapter bounds the positive and the negative sum of every lane. Accumulator-aware
// quantization (A2Q) began with something simpler: a bound of the l1 norm, the sum of all |q|, of
// an output's integers. All its products are added in one signed accumulator of P bits, -2^(P-1) to
// 2^(P-1) - 1. Inputs have N bits: each is any integer from 0 to 2^N - 1.
//
// Write largest_l1: the largest norm with which no integers whatever, of either sign, can overflow
// the accumulator, for no inputs. N is 1 to 16, P is 2 to 32. It may be 0.
//
// And project_l1: moves the reals of an output, in place, to the nearest point whose l1 norm is
// `most` at most: nearest by the sum of squared differences. What fits already stays as it is. No
// weight changes its sign; many become 0. most is 0 or more.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "14_training_for_the_kernel/lane_bound.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::int64_t largest_l1([[maybe_unused]] int input_bits,
                               [[maybe_unused]] int accumulator_bits) {
  // TODO: return the norm.
  qfs::not_written_yet("14.1: largest_l1");
}

inline void project_l1([[maybe_unused]] std::span<double> row, [[maybe_unused]] double most) {
  // TODO: bring the row within the bound. qfs::shrinkage may help: it reorders what it is given.
  qfs::not_written_yet("14.1: project_l1");
}

}  // namespace exercise

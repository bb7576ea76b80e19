// Exercise 16.3: the best choice of float layers.
//
// leave_in_float goes by the ranking, and never takes a step back. With few layers one can try all
// choices. A choice is a number: bit i is 1 where layer i stays in float. lost[choice] are the
// points that it loses, for every choice from 0 to 2^L - 1; weights[i] is the number of weights of
// layer i.
//
// Write best_choice: of all choices that lose at most `target` points, the one that leaves the
// fewest weights in float; of those the one that loses least; of those the smallest number. Throw
// qfs::Error (qfs::require or qfs::fail) where no choice meets the target, or where lost does not
// have 2^L entries. L is 1 to 20; a count of weights may pass 32 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "common/check.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::size_t best_choice([[maybe_unused]] std::span<const double> lost,
                               [[maybe_unused]] std::span<const std::uint64_t> weights,
                               [[maybe_unused]] double target) {
  // TODO: return the best choice.
  qfs::not_written_yet("16.3: best_choice");
}

}  // namespace exercise

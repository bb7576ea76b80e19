// Exercise 16.3, solved.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "common/check.hpp"

namespace exercise {

// [solution]
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "one loss for every choice",
               lost.size(), std::size_t{1} << weights.size(), "measure them all");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;  // weights in float, points lost
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      now.first += (choice >> i & 1) != 0 ? weights[i] : 0;
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "no choice meets the target", target, "a larger one",
               "take more bits");
  return *best;
}
// [/solution]

}  // namespace exercise

// Exercise 13.2, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace exercise {

struct Timing {
  std::size_t rows;  // of a block
  std::int64_t nanoseconds;
};

struct Block {
  int kernel;  // 0 or 1
  std::size_t rows;
};

struct Plan {
  std::int64_t nanoseconds = 0;
  std::vector<Block> blocks{};
};

// [solution]
struct Choice {
  Block block;
  std::int64_t nanoseconds;
};

inline std::vector<Choice> choices_of(std::span<const Timing> first,
                                      std::span<const Timing> second) {
  std::vector<Choice> choices;
  for (const Timing& t : first) choices.push_back({{0, t.rows}, t.nanoseconds});
  for (const Timing& t : second) choices.push_back({{1, t.rows}, t.nanoseconds});
  return choices;
}

inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const std::vector<Choice> choices = choices_of(first, second);
  std::vector<Plan> plans(1);  // no rows, no blocks
  for (std::size_t r = 1; r <= rows; ++r) {
    // A block may be larger than the rows: then it leaves none.
    const auto rest = [&](const Choice& c) -> const Plan& {
      return plans[r - std::min(c.block.rows, r)];
    };
    const auto time = [&](const Choice& c) { return c.nanoseconds + rest(c).nanoseconds; };
    const Choice best = *std::ranges::min_element(choices, {}, time);
    Plan plan{time(best), rest(best).blocks};
    plan.blocks.push_back(best.block);
    plans.push_back(plan);
  }
  return plans;
}
// [/solution]

}  // namespace exercise

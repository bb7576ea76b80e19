// Answers to exercise 13.2. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch13_2_test.cpp"

namespace parts {

using exercise::Block;
using exercise::Plan;
using exercise::Timing;

struct Choice {
  Block block;
  std::int64_t time;
};

inline std::vector<Choice> choices_of(std::span<const Timing> first,
                                      std::span<const Timing> second) {
  std::vector<Choice> choices;
  for (const Timing& t : first) choices.push_back({{0, t.rows}, t.nanoseconds});
  for (const Timing& t : second) choices.push_back({{1, t.rows}, t.nanoseconds});
  return choices;
}

inline Plan with(Plan plan, const Choice& choice) {
  plan.nanoseconds += choice.time;
  plan.blocks.push_back(choice.block);
  return plan;
}

// The plans for 0 to `rows` rows from the best of some candidates each: all choices that `may`
// take, behind the plan for what they leave.
inline std::vector<Plan> best_plans(const std::vector<Choice>& choices, std::size_t rows,
                                    auto may) {
  std::vector<Plan> plans(1);
  for (std::size_t r = 1; r <= rows; ++r) {
    Plan best{std::numeric_limits<std::int64_t>::max()};
    for (const Choice& c : choices) {
      if (!may(c, r)) continue;
      const Plan plan = with(plans[r - std::min(r, c.block.rows)], c);
      if (plan.nanoseconds < best.nanoseconds) best = plan;
    }
    plans.push_back(best);
  }
  return plans;
}
inline bool any(const Choice&, std::size_t) { return true; }

// The plans by a rule that picks the next block for the rows that are left.
inline std::vector<Plan> greedy(std::size_t rows, auto pick) {
  std::vector<Plan> plans;
  for (std::size_t r = 0; r <= rows; ++r) {
    Plan plan;
    for (std::size_t left = r; left > 0;) {
      const Choice choice = pick(left);
      plan = with(plan, choice);
      left -= std::min(left, choice.block.rows);
    }
    plans.push_back(plan);
  }
  return plans;
}

inline double per_row(const Choice& c, std::size_t rows) {
  return static_cast<double>(c.time) / static_cast<double>(rows);
}

}  // namespace parts

namespace from_below {
const Answer kAnswer = right("the best block, and the plan for the rows it leaves");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  return parts::best_plans(parts::choices_of(first, second), rows, parts::any);
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace from_below

namespace forwards {
const Answer kAnswer = right("goes on from every number of rows, forwards");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  const Plan none{std::numeric_limits<std::int64_t>::max()};
  std::vector<Plan> plans(rows + 1, none);
  plans[0] = {};
  for (std::size_t r = 0; r < rows; ++r)
    for (const auto& c : choices)
      for (std::size_t taken = 1; taken <= std::min(c.block.rows, rows - r); ++taken) {
        const Plan plan = parts::with(plans[r], c);
        if (plan.nanoseconds < plans[r + taken].nanoseconds) plans[r + taken] = plan;
      }
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace forwards

namespace first_kernel_wins_ties {
const Answer kAnswer = right("the last of equally fast blocks, the order turned round");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  std::vector<parts::Choice> choices = parts::choices_of(first, second);
  std::ranges::reverse(choices);
  auto plans = parts::best_plans(choices, rows, parts::any);
  for (Plan& plan : plans) std::ranges::reverse(plan.blocks);
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace first_kernel_wins_ties

namespace largest_first {
const Answer kAnswer = wrong("takes the largest block that is full, and the smallest at the end");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::greedy(rows, [&](std::size_t left) {
    const auto size = [](const auto& c) { return c.block.rows; };
    parts::Choice best = *std::ranges::min_element(choices, {}, size);
    for (const auto& c : choices)
      if (c.block.rows <= left && c.block.rows > best.block.rows) best = c;
    return best;
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace largest_first

namespace best_rate_first {
const Answer kAnswer =
    wrong("takes the block with the least time per row, as long as there are rows");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::greedy(rows, [&](std::size_t) {
    return *std::ranges::min_element(choices, {},
                                     [](const auto& c) { return parts::per_row(c, c.block.rows); });
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace best_rate_first

namespace best_rate_of_what_is_left {
const Answer kAnswer = wrong("takes the block with the least time per row that it takes off");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::greedy(rows, [&](std::size_t left) {
    return *std::ranges::min_element(choices, {}, [&](const auto& c) {
      return parts::per_row(c, std::min(left, c.block.rows));
    });
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace best_rate_of_what_is_left

namespace full_blocks_alone {
const Answer kAnswer = wrong("takes a block only where it is full, or where no other is left");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::best_plans(choices, rows, [&](const auto& c, std::size_t r) {
    const auto fits = [&](const auto& other) { return other.block.rows <= r; };
    return fits(c) || std::ranges::none_of(choices, fits);
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace full_blocks_alone

namespace one_kernel {
const Answer kAnswer = wrong("never takes both kernels");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto of_first = parts::choices_of(first, {}), of_second = parts::choices_of({}, second);
  if (of_first.empty()) return parts::best_plans(of_second, rows, parts::any);
  if (of_second.empty()) return parts::best_plans(of_first, rows, parts::any);
  auto plans = parts::best_plans(of_first, rows, parts::any);
  const auto others = parts::best_plans(of_second, rows, parts::any);
  for (std::size_t r = 0; r <= rows; ++r)
    if (others[r].nanoseconds < plans[r].nanoseconds) plans[r] = others[r];
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace one_kernel

namespace second_kernel_for_the_rest {
const Answer kAnswer = wrong("takes the second kernel only where no block of the first is full");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::best_plans(choices, rows, [&](const auto& c, std::size_t r) {
    const bool full = std::ranges::any_of(first, [&](const Timing& t) { return t.rows <= r; });
    return c.block.kernel == 0 || !full || first.empty();
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace second_kernel_for_the_rest

namespace one_block_of_each {
const Answer kAnswer = wrong("takes one size for all rows");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  std::vector<Plan> plans(1);
  for (std::size_t r = 1; r <= rows; ++r) {
    Plan best{std::numeric_limits<std::int64_t>::max()};
    for (const auto& c : choices) {
      Plan plan;
      for (std::size_t taken = 0; taken < r; taken += c.block.rows) plan = parts::with(plan, c);
      if (plan.nanoseconds < best.nanoseconds) best = plan;
    }
    plans.push_back(best);
  }
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace one_block_of_each

namespace time_is_monotone {
const Answer kAnswer = wrong("tries no block larger than the smallest that takes all rows");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::best_plans(choices, rows, [&](const auto& c, std::size_t r) {
    return std::ranges::none_of(choices, [&](const auto& other) {
      return other.block.rows >= r && other.block.rows < c.block.rows;
    });
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace time_is_monotone

namespace kernels_exchanged {
const Answer kAnswer = wrong("numbers the kernels the other way round");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  return parts::best_plans(parts::choices_of(second, first), rows, parts::any);
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace kernels_exchanged

namespace one_plan_less {
const Answer kAnswer = wrong("returns no plan for 0 rows");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  auto plans = parts::best_plans(parts::choices_of(first, second), rows, parts::any);
  plans.erase(plans.begin());
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace one_plan_less

namespace time_alone {
const Answer kAnswer = wrong("returns times without blocks");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  auto plans = parts::best_plans(parts::choices_of(first, second), rows, parts::any);
  for (Plan& plan : plans) plan.blocks.clear();
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace time_alone

namespace time_by_rows {
const Answer kAnswer = wrong("charges a block that is not full for its rows alone");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  std::vector<Plan> plans(1);
  for (std::size_t r = 1; r <= rows; ++r) {
    Plan best{std::numeric_limits<std::int64_t>::max()};
    for (parts::Choice c : choices) {
      const std::size_t taken = std::min(r, c.block.rows);
      c.time = c.time * static_cast<std::int64_t>(taken) / static_cast<std::int64_t>(c.block.rows);
      const Plan plan = parts::with(plans[r - taken], c);
      if (plan.nanoseconds < best.nanoseconds) best = plan;
    }
    plans.push_back(best);
  }
  return plans;
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace time_by_rows

namespace all_that_is_left {
const Answer kAnswer = wrong("takes the fastest block that takes all rows that are left");
namespace exercise {
using ::exercise::Block;
using ::exercise::Plan;
using ::exercise::Timing;
inline std::vector<Plan> fastest_plans(std::span<const Timing> first,
                                       std::span<const Timing> second, std::size_t rows) {
  const auto choices = parts::choices_of(first, second);
  return parts::greedy(rows, [&](std::size_t left) {
    const parts::Choice* best = &choices[0];
    for (const auto& c : choices)
      if (c.block.rows >= left && (best->block.rows < left || c.time < best->time)) best = &c;
    return *best;
  });
}
}  // namespace exercise
#include "tests/exercises/ch13_2_test.cpp"
}  // namespace all_that_is_left

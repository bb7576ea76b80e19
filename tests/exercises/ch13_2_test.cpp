// Judges exercise 13.2.
#include "2_crossover.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(19);

namespace {

using exercise::Block;
using exercise::Plan;
using exercise::Timing;
using Timings = std::vector<Timing>;
using Kernels = std::array<Timings, 2>;

// The least time that covers so many rows, by trying all blocks for the first, then for the next.
// Every plan is met, in each of its orders: for few rows.
std::int64_t by_trying_all(const Kernels& kernels, std::size_t rows) {
  if (rows == 0) return 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const Timings& timings : kernels)
    for (const Timing& t : timings)
      least =
          std::min(least, t.nanoseconds + by_trying_all(kernels, rows - std::min(rows, t.rows)));
  return least;
}

// The time of a block; -1 where nothing has been measured.
std::int64_t time_of(const Kernels& kernels, const Block& block) {
  if (block.kernel != 0 && block.kernel != 1) return -1;
  for (const Timing& t : kernels[static_cast<std::size_t>(block.kernel)])
    if (t.rows == block.rows) return t.nanoseconds;
  return -1;
}

// Empty, or what is wrong with a plan by itself.
std::string fault(const Kernels& kernels, const Plan& plan, std::size_t rows) {
  std::size_t covered = 0;
  std::int64_t time = 0;
  for (const Block& block : plan.blocks) {
    const std::int64_t of_block = time_of(kernels, block);
    if (of_block < 0) return "a block that no kernel takes";
    covered += block.rows;
    time += of_block;
  }
  if (covered < rows) return "its blocks take " + std::to_string(covered) + " rows";
  if (time != plan.nanoseconds)
    return "it says " + std::to_string(plan.nanoseconds) + " ns, and its blocks take " +
           std::to_string(time);
  return "";
}

// The times of 0 to `rows` rows; empty where a plan is at fault.
std::vector<std::int64_t> times(const Kernels& kernels, std::size_t rows) {
  const std::vector<Plan> plans = exercise::fastest_plans(kernels[0], kernels[1], rows);
  std::vector<std::int64_t> found;
  if (plans.size() != rows + 1) return {};
  for (std::size_t r = 0; r <= rows; ++r) {
    if (!fault(kernels, plans[r], r).empty()) return {};
    found.push_back(plans[r].nanoseconds);
  }
  return found;
}

// Empty, or the first number of rows for which there is a faster plan, or none at all.
std::string first_difference(const Kernels& kernels, std::size_t rows) {
  const std::vector<Plan> plans = exercise::fastest_plans(kernels[0], kernels[1], rows);
  if (plans.size() != rows + 1) return std::to_string(plans.size()) + " plans";
  for (std::size_t r = 0; r <= rows; ++r) {
    std::string text = fault(kernels, plans[r], r);
    const std::int64_t wanted = by_trying_all(kernels, r);
    if (text.empty() && plans[r].nanoseconds != wanted)
      text = "it takes " + std::to_string(plans[r].nanoseconds) + " ns, another one " +
             std::to_string(wanted);
    if (!text.empty()) return "the plan for " + std::to_string(r) + " rows: " + text;
  }
  return "";
}

// Up to three sizes a kernel, from 1 to `largest`, their times not in order.
Timings random_timings(qfs::Rng& rng, std::size_t largest) {
  Timings timings;
  for (std::size_t size = 1; size <= largest; ++size)
    if (timings.size() < 3 && rng.below(largest) < 3)
      timings.push_back({size, static_cast<std::int64_t>(1 + rng.below(20 * size))});
  if (rng.below(2) == 0) std::ranges::reverse(timings);
  return timings;
}

std::string first_random_difference(std::size_t largest, std::size_t rows) {
  qfs::Rng rng(largest);
  for (int i = 0; i < 100; ++i) {
    Kernels kernels{random_timings(rng, largest), random_timings(rng, largest)};
    if (kernels[0].empty() && kernels[1].empty()) kernels[i % 2 == 0 ? 0 : 1] = {{2, 3}};
    if (std::string text = first_difference(kernels, rows); !text.empty()) return text;
  }
  return "";
}

// A thing as it was measured: panels of 8 to 32 rows, and the kernel for one row.
const Kernels kMeasured = {{{{32, 900}, {24, 700}, {16, 560}, {8, 400}}, {{1, 70}}}};

using Times = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("13.2 on paper: one row at a time, or a panel that is not full") {
  // Five rows one by one are 350; six would be 420, and a panel of eight takes 400.
  const Times few = times({{{{8, 400}}, {{1, 70}}}}, 10);
  CHECK(few == Times{0, 70, 140, 210, 280, 350, 400, 400, 400, 470, 540});
}

TEST_CASE("13.2 on paper: the largest block is not the first to take") {
  // Six rows: 3 + 3, not 4 + 1 + 1 or 4 + 3. Five rows: 3 + 3 again, not 4 + 1.
  const Times six = times({{{{4, 100}, {3, 60}}, {{1, 50}}}}, 6);
  CHECK(six == Times{0, 50, 60, 60, 100, 120, 120});
}

TEST_CASE("13.2 on paper: a larger block that takes less time") {
  CHECK(times({{{{2, 100}, {4, 30}}, {}}}, 5) == Times{0, 30, 30, 30, 30, 60});
  CHECK(times({{{}, {{2, 100}, {5, 101}, {3, 20}}}}, 6) == Times{0, 20, 20, 20, 40, 40, 40});
}

TEST_CASE("13.2 on paper: a block that is not worth its rows") {
  CHECK(times({{{{8, 1000}}, {{1, 70}}}}, 8).back() == 560);
  CHECK(times({{{{16, 1000}, {8, 100}}, {{16, 5000}}}}, 16).back() == 200);
}

TEST_CASE("13.2 no rows, one row, one kernel") {
  CHECK(times(kMeasured, 0) == Times{0});
  CHECK(times(kMeasured, 1) == Times{0, 70});
  CHECK(times({{{}, {{1, 7}}}}, 3) == Times{0, 7, 14, 21});
  CHECK(times({{{{1, 7}}, {}}}, 3) == Times{0, 7, 14, 21});
  CHECK(times({{{{5, 7}}, {}}}, 3) == Times{0, 7, 7, 7});
}

TEST_CASE("13.2 both kernels have a block of one size") {
  CHECK(times({{{{4, 90}}, {{4, 80}}}}, 9) == Times{0, 80, 80, 80, 80, 160, 160, 160, 160, 240});
  CHECK(times({{{{4, 80}}, {{4, 90}}}}, 9) == Times{0, 80, 80, 80, 80, 160, 160, 160, 160, 240});
}

TEST_CASE("13.2 as trying all plans says: measured times") {
  CHECK(first_difference(kMeasured, 20) == "");
  CHECK(first_difference({{{{3, 31}, {7, 60}}, {{5, 44}}}}, 25) == "");
}

TEST_CASE("13.2 as trying all plans says: random times") {
  CHECK(first_random_difference(4, 8) == "");
  CHECK(first_random_difference(9, 14) == "");
}

TEST_CASE("13.2 a thousand rows") {
  // 29 blocks of 32 rows and three of 24. With 31 of 32 and one of 8 it would be 28 300.
  const Times all = times(kMeasured, 1000);
  REQUIRE(all.size() == 1001);
  CHECK(all.back() == 29 * 900 + 3 * 700);
}

// Exercise 13.2: which kernel for how many rows?
//
// Two kernels have been timed. A kernel takes blocks of some sizes: panels perhaps of 8, 16, 24 and
// 32 rows, the kernel for few rows of 1. The time of a block is that of its size, however few rows
// are in it: a panel of 8 works on 5 rows as long as on 8. And times are measured, not computed: a
// larger block may take less time than a smaller one, or far more.
//
// Write fastest_plans: for every number of rows from 0 to `rows` the blocks that take them in the
// least time altogether. Any number of blocks, of either kernel, of one size or of several; their
// sizes add up to at least the rows. The order of the blocks does not matter, and which of two
// equally fast plans it is does not either. Entry r of the result is the plan for r rows; no rows
// need no blocks.
//
// Times are whole nanoseconds, at least 1, sizes at least 1. At least one kernel has a size. `rows`
// may be 1000, so that not all plans can be tried; but the best plan for r rows is a block, and
// behind it the best plan for the rows that it leaves.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/exercise.hpp"

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

// first: the timings of kernel 0; second: those of kernel 1. In any order.
inline std::vector<Plan> fastest_plans([[maybe_unused]] std::span<const Timing> first,
                                       [[maybe_unused]] std::span<const Timing> second,
                                       [[maybe_unused]] std::size_t rows) {
  // TODO: return rows + 1 plans.
  qfs::not_written_yet("13.2: fastest_plans");
}

}  // namespace exercise

// Exercise 11.2: pack the groups in another way.
//
// first_fit (lane_depth.hpp) sorts the steps and puts each into the first group that holds it.
// Write best_fit, which puts each step into the group that it fills best: the one whose fuller lane
// has the least room left, or by a rule of your own. As in first_fit, a step fits a group of fewer
// than `longest` steps if both lanes fit for inputs of 0 to x_max (fit_together); a step that fits
// no group begins one. `lanes` of a group is the sum of those of its steps. Every step fits alone,
// x_max is 1 to 255, `longest` at least 1.
//
// What is judged: every step is in one group, once, and every group fits. Over the judge's layers
// there may be at most 2 % more groups than first fit makes of unsorted steps. Each list below
// (x_max = 255, one weight a step) must make two.
//
//   60, 90, 30, 68             unsorted first fit: 60 + 30, 90, 68. But 60 + 68 and 90 + 30 fit.
//   70, 65, 60, 54, 3, 2, 2    first_fit: 70 + 54 + 3, 65 + 60 + 2, 2. But 65 + 60 + 3 fit, too.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "11_avx2_kernel/lane_depth.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::vector<qfs::Group> best_fit([[maybe_unused]] qfs::Steps steps,
                                        [[maybe_unused]] std::int32_t x_max,
                                        [[maybe_unused]] std::size_t longest) {
  // TODO: return the groups.
  qfs::not_written_yet("11.2: best_fit");
}

}  // namespace exercise

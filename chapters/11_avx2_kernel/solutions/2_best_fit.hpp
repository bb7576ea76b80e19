// Exercise 11.2, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "11_avx2_kernel/lane_depth.hpp"

namespace exercise {

// [solution]
// How full the fuller lane is: at most 32768 / x_max fits.
inline std::int32_t fullness(const qfs::Lanes& lanes) {
  return std::max({lanes[0].positive, -lanes[0].negative, lanes[1].positive, -lanes[1].negative});
}

inline void add(qfs::Group& group, const qfs::Step& step) {
  const qfs::Lanes more = qfs::lanes_of(step);
  group.steps.push_back(step);
  for (std::size_t lane = 0; lane < more.size(); ++lane) group.lanes[lane] += more[lane];
}

// The group that the step fills best; groups.size() where it fits none.
inline std::size_t fullest_with(const std::vector<qfs::Group>& groups, const qfs::Step& step,
                                std::int32_t x_max, std::size_t longest) {
  std::size_t best = groups.size();
  std::int32_t most = std::numeric_limits<std::int32_t>::min();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].steps.size() == longest) continue;
    if (!qfs::fit_together(groups[i].lanes, qfs::lanes_of(step), x_max)) continue;
    qfs::Group with = groups[i];
    add(with, step);
    if (fullness(with.lanes) <= most) continue;
    most = fullness(with.lanes);
    best = i;
  }
  return best;
}

inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  std::vector<qfs::Group> groups;
  for (const qfs::Step& step : steps) {
    const std::size_t best = fullest_with(groups, step, x_max, longest);
    if (best == groups.size()) groups.emplace_back();
    add(groups[best], step);
  }
  return groups;
}
// [/solution]

}  // namespace exercise

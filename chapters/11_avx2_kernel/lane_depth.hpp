// How many products of u8 by s8 a 16-bit lane may hold, proven from the weights, for every input.
//
// Symbols as in the text: inputs lie in 0..x_max. A step is four inputs of one output; vpmaddubsw
// makes two lanes of them, each the sum of two products. A group is steps whose lanes are added in
// 16 bits before they are widened; the proof says which steps may form one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "11_avx2_kernel/panel.hpp"

namespace qfs {

// Of all weights that share a lane, the sum of the positive and of the negative ones.
struct LaneSums {
  std::int32_t positive = 0, negative = 0;

  constexpr LaneSums& operator+=(LaneSums other) {
    positive += other.positive;
    negative += other.negative;
    return *this;
  }
};
constexpr LaneSums sums_of(std::int8_t w0, std::int8_t w1) {
  return {std::max<std::int32_t>(w0, 0) + std::max<std::int32_t>(w1, 0),
          std::min<std::int32_t>(w0, 0) + std::min<std::int32_t>(w1, 0)};
}

// [fits]
// Every product lies between 0 and x_max w, so every sum of some of them, in whatever order they
// are added, lies between x_max times the negative sum and x_max times the positive one. If both
// fit, no vpmaddubsw of the group saturates and no vpaddw wraps, whatever the inputs (eq. 11.2).
constexpr bool fits_lane(LaneSums sums, std::int32_t x_max) {
  return x_max * sums.positive <= std::numeric_limits<std::int16_t>::max() &&
         x_max * sums.negative >= std::numeric_limits<std::int16_t>::min();
}
// [/fits]
static_assert(fits_lane({258, -258}, 127) && !fits_lane({259, 0}, 127) &&
              !fits_lane({0, -259}, 127));
static_assert(fits_lane({128, -128}, 255) && !fits_lane({129, 0}, 255) &&
              !fits_lane({0, -129}, 255));

using panel::Step;
using Steps = std::vector<Step>;

// Its two lanes, or those of a group of steps.
using Lanes = std::array<LaneSums, 2>;
constexpr Lanes lanes_of(const Step& step) {
  return {sums_of(step.w[0], step.w[1]), sums_of(step.w[2], step.w[3])};
}
constexpr Lanes& operator+=(Lanes& lanes, const Lanes& more) {
  lanes[0] += more[0];
  lanes[1] += more[1];
  return lanes;
}
constexpr bool fit(const Lanes& lanes, std::int32_t x_max) {
  return fits_lane(lanes[0], x_max) && fits_lane(lanes[1], x_max);
}
constexpr bool fit_together(Lanes group, const Lanes& more, std::int32_t x_max) {
  return fit(group += more, x_max);
}

// [take_excess]
// By how much two weights are too much for their lane is taken from the smaller one, and returned:
// it becomes a weight of a second step with the same inputs (eq. 11.4). A weight alone fits: 255 *
// 128 = 32 640.
constexpr std::array<std::int8_t, 2> take_excess(std::int8_t& w0, std::int8_t& w1,
                                                 std::int32_t x_max) {
  const LaneSums sums = sums_of(w0, w1);
  if (fits_lane(sums, x_max)) return {0, 0};
  const std::int32_t excess =
      std::max(sums.positive - std::numeric_limits<std::int16_t>::max() / x_max, 0) +
      std::min(sums.negative - std::numeric_limits<std::int16_t>::min() / x_max, 0);
  const bool first = w0 * w0 < w1 * w1;
  (first ? w0 : w1) = static_cast<std::int8_t>((first ? w0 : w1) - excess);
  const auto moved = static_cast<std::int8_t>(excess);
  return first ? std::array<std::int8_t, 2>{moved, 0} : std::array<std::int8_t, 2>{0, moved};
}
// [/take_excess]

// What does not fit `step`, as a second step; nothing where all of it fits.
inline std::optional<Step> split_remainder(Step& step, std::int32_t x_max) {
  const auto [w0, w1] = take_excess(step.w[0], step.w[1], x_max);
  const auto [w2, w3] = take_excess(step.w[2], step.w[3], x_max);
  if (w0 == 0 && w1 == 0 && w2 == 0 && w3 == 0) return std::nullopt;
  return Step{step.k, {w0, w1, w2, w3}};
}

// Steps whose lanes are added in 16 bits.
struct Group {
  Steps steps{};
  Lanes lanes{};
};

// How full a step is: the largest of its four sums, without its sign.
constexpr std::int32_t fullness(const Step& step) {
  const auto [a, b] = lanes_of(step);
  return std::max({a.positive, -a.negative, b.positive, -b.negative});
}

// [first_fit]
// Puts each step into the first group whose lanes it fits, the fullest steps first: bin packing by
// first fit decreasing. A sum may be added in any order, so which weights share a lane is ours to
// choose. Every step must fit alone.
inline std::vector<Group> first_fit(Steps steps, std::int32_t x_max,
                                    std::size_t longest = panel::kLongest) {
  std::ranges::stable_sort(steps, std::greater(), fullness);
  std::vector<Group> groups;
  for (const Step& step : steps) {
    const Lanes lanes = lanes_of(step);
    auto group = std::ranges::find_if(groups, [&](const Group& g) {
      return g.steps.size() < longest && fit_together(g.lanes, lanes, x_max);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), Group());
    group->steps.push_back(step);
    group->lanes += lanes;
  }
  return groups;
}
// [/first_fit]

}  // namespace qfs

// Times that can be compared: all contenders take turns, round after round, in one run.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "common/stopwatch.hpp"

namespace qfs::bench {

// Cores that this process and its peers may use: `taskset -c 0 ./learn bench` holds them to one.
int cores_here();

// How much is measured of each contender.
struct Effort {
  int rounds = 11;
  double seconds = 0.01;  // of work in one timing, at least
  double rest = 0;        // seconds between two turns: see kThreadsRest
};

// Worker threads go on looking for work when there is none: OpenBLAS' for 2^26 cycles, OpenMP's for
// about a millisecond. Whoever comes next would have to share the cores with them.
inline constexpr double kThreadsRest = 0.04;

// Microseconds of one call: the median over all rounds, and where 10 % and 90 % of them lie.
struct Timing {
  double median = 0, low = 0, high = 0;
};

// Runs its work `repeats` times and says how many microseconds one call took; nothing where it
// failed, and then it is not asked again.
using Contender = std::function<std::optional<double>(std::size_t repeats)>;

// Microseconds of a call: the median of up to eight runs of calls, which together make `repeats`.
// A run is timed as a whole, since one call may be as short as reading the clock.
template <class Work>
double time_calls(std::size_t repeats, Work&& work) {
  constexpr std::size_t kRuns = 8;
  std::vector<double> times;
  for (std::size_t run = 0; run < std::min(kRuns, repeats); ++run) {
    const std::size_t calls = (repeats + kRuns - 1 - run) / kRuns;
    const Stopwatch stopwatch;
    for (std::size_t i = 0; i < calls; ++i) work();
    times.push_back(stopwatch.seconds() * 1e6 / static_cast<double>(calls));
  }
  return median(std::move(times));
}

// The number at `share` (0 to 1) of the way through the sorted numbers, the nearest one.
inline double quantile(std::vector<double> numbers, double share) {
  std::ranges::sort(numbers);
  return numbers[static_cast<std::size_t>(
      std::lround(share * static_cast<double>(numbers.size() - 1)))];
}

// One timing for every contender; nothing for one that failed. Each round starts with another of
// them, so that none always follows the same neighbour.
std::vector<std::optional<Timing>> alternate(std::span<const Contender> contenders,
                                             const Effort& effort);

}  // namespace qfs::bench

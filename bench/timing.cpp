#include "bench/timing.hpp"

#include <sched.h>

#include <chrono>
#include <thread>

namespace qfs::bench {

int cores_here() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return ::sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}
namespace {

// How many calls fill effort.seconds, found by running them, which warms up too; nothing where the
// contender failed.
std::optional<std::size_t> repeats_of(const Contender& contender, const Effort& effort) {
  constexpr double kFewest = 3, kMost = 1e7;  // three have a median
  std::size_t repeats = 1;
  for (int trial = 0; trial < 3; ++trial) {
    const std::optional<double> microseconds = contender(repeats);
    if (!microseconds) return std::nullopt;
    const double wanted = effort.seconds * 1e6 / std::max(*microseconds, 1e-3);
    repeats = static_cast<std::size_t>(std::clamp(std::ceil(wanted), kFewest, kMost));
  }
  return repeats;
}

Timing timing_of(const std::vector<double>& times) {
  return {median(times), quantile(times, 0.1), quantile(times, 0.9)};
}

}  // namespace

std::vector<std::optional<Timing>> alternate(std::span<const Contender> contenders,
                                             const Effort& effort) {
  std::vector<std::optional<std::size_t>> repeats;
  for (const Contender& contender : contenders) repeats.push_back(repeats_of(contender, effort));
  std::vector<std::vector<double>> times(contenders.size());
  for (std::size_t round = 0; round < static_cast<std::size_t>(effort.rounds); ++round)
    for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
      const std::size_t i = (round + turn) % contenders.size();
      if (!repeats[i]) continue;
      std::this_thread::sleep_for(std::chrono::duration<double>(effort.rest));
      const std::optional<double> microseconds = contenders[i](*repeats[i]);
      if (microseconds)
        times[i].push_back(*microseconds);
      else
        repeats[i].reset();
    }
  std::vector<std::optional<Timing>> timings(contenders.size());
  for (std::size_t i = 0; i < contenders.size(); ++i)
    if (repeats[i]) timings[i] = timing_of(times[i]);
  return timings;
}

}  // namespace qfs::bench

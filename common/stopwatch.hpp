// Wall-clock time for reports; never for tests.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace qfs {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

// The upper one of the two in the middle where the count is even. At least one number.
inline double median(std::vector<double> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

// The median time of one call, in microseconds: after one unmeasured call, at least `min_calls`
// calls and at least `min_seconds` in all: long enough that a burst of other work does not fill it.
template <class Work>
double median_microseconds(Work&& work, int min_calls = 5, double min_seconds = 0.2) {
  work();
  std::vector<double> times;
  const Stopwatch total;
  while (static_cast<int>(times.size()) < min_calls || total.seconds() < min_seconds) {
    const Stopwatch one;
    work();
    times.push_back(one.seconds() * 1e6);
  }
  return median(std::move(times));
}

}  // namespace qfs

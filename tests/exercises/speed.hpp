// Judges speed, once an answer is right: in turn with a plain version and with our solution, within
// one run, so that a busy machine is as busy for all three.
//
// Where time means nothing it is left out: under the sanitizers, and where the answers of
// answers.hpp are judged, all of them compiled into one program and hardly optimised.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define QFS_SPEED_IS_JUDGED 0
#endif
#endif
#if defined(QFS_ANSWERS_IN_ONE_PROGRAM) || defined(__SANITIZE_ADDRESS__)
#define QFS_SPEED_IS_JUDGED 0
#endif
#if !defined(QFS_SPEED_IS_JUDGED)
#define QFS_SPEED_IS_JUDGED 1
#endif

#if QFS_SPEED_IS_JUDGED

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <vector>

#include "common/stopwatch.hpp"

namespace qfs::test {

inline constexpr double kShareOfOurs = 0.8;
inline constexpr int kTries = 3;

// Three versions of one product: the work of one call, which makes `products` multiplications with
// their additions; or of something else, of which `unit` says 10^9 a second.
struct Versions {
  std::function<void()> yours, plain, ours;
  double products = 0.0;
  const char* unit = "GMAC/s";
};

struct Speeds {
  double yours = 0.0, plain = 0.0, ours = 0.0;  // 10^9 products a second
};

inline double seconds_of(const std::function<void()>& work, int calls) {
  const Stopwatch stopwatch;
  for (int i = 0; i < calls; ++i) work();
  return stopwatch.seconds();
}

// Medians of 41 turns. A turn calls each version as often as ours can be called in 100 us.
inline Speeds measure(const Versions& versions) {
  const std::array<const std::function<void()>*, 3> works = {&versions.yours, &versions.plain,
                                                             &versions.ours};
  for (const auto* work : works) (*work)();
  const double one = std::max(seconds_of(versions.ours, 10) / 10, 1e-7);
  const int calls = std::max(static_cast<int>(1e-4 / one), 1);
  std::array<std::vector<double>, 3> times;
  for (int turn = 0; turn < 41; ++turn)
    for (std::size_t i = 0; i < works.size(); ++i) times[i].push_back(seconds_of(*works[i], calls));
  const auto speed = [&](std::size_t i) {
    return versions.products * calls / median(times[i]) / 1e9;
  };
  return {speed(0), speed(1), speed(2)};
}

// Whether yours reaches 0.8 x of ours in one of three tries. Prints what each gave.
inline bool is_fast_enough(const Versions& versions) {
  for (int i = 0; i < kTries; ++i) {
    const Speeds speeds = measure(versions);
    std::printf("yours %.1f %s, the plain version %.1f (%.2f x), ours %.1f (%.2f x)\n",
                speeds.yours, versions.unit, speeds.plain, speeds.yours / speeds.plain, speeds.ours,
                speeds.yours / speeds.ours);
    if (speeds.yours >= kShareOfOurs * speeds.ours) return true;
  }
  std::printf("right, but not fast enough: %.1f x of ours is asked for, in the best of %d tries\n",
              kShareOfOurs, kTries);
  return false;
}

}  // namespace qfs::test

#endif  // QFS_SPEED_IS_JUDGED

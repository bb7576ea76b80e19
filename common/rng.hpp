// A seeded generator whose numbers are the same under every compiler, standard library and CPU.
//
// std::*_distribution differs between standard libraries, and libm's log and cos between CPUs in
// the last bit, so both are left out: every operation below is an integer operation or one of + - *
// / and sqrt, which IEEE 754 rounds in one way only.
#pragma once

#include <cstdint>
#include <span>

namespace qfs {

// xoshiro256** (Blackman and Vigna, 2018), its state filled from the seed by splitmix64.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  std::uint64_t bits();                          // 64 uniform bits
  std::uint64_t below(std::uint64_t bound);      // uniform in [0, bound); bound > 0; unbiased
  double uniform();                              // uniform in [0, 1), a multiple of 2^-53
  double uniform(double low, double high);       // uniform in [low, high], up to rounding
  double normal();                               // standard normal (Marsaglia's polar method)
  double laplace();                              // Laplace with location 0 and scale 1: variance 2
  void shuffle(std::span<std::uint32_t> order);  // Fisher-Yates

 private:
  std::uint64_t state_[4];
};

// Natural logarithm of x in [1e-300, 1e300], by + - * / alone: within 6e-16 of the true value,
// relative.
double portable_log(double x);

}  // namespace qfs

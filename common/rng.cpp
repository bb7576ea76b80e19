#include "common/rng.hpp"

#include <bit>
#include <cmath>
#include <utility>

#include "common/check.hpp"

namespace qfs {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

std::uint64_t Rng::bits() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  require(bound > 0, "Rng::below needs a positive bound", bound, "at least 1",
          "check that the range is not empty");
  // Values under `unfair` would make the first residues more likely than the last: draw again.
  const std::uint64_t unfair = (0 - bound) % bound;
  std::uint64_t drawn = bits();
  while (drawn < unfair) drawn = bits();
  return drawn % bound;
}

double Rng::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Rng::normal() {
  double u = 0.0;
  double s = 0.0;
  do {
    u = uniform(-1.0, 1.0);
    const double v = uniform(-1.0, 1.0);
    s = u * u + v * v;
  } while (s >= 1.0 || s == 0.0);
  return u * std::sqrt(-2.0 * portable_log(s) / s);
}

double Rng::laplace() {
  const double u = uniform() - 0.5;
  const double tail = 1.0 - 2.0 * std::fabs(u);  // in (0, 1], but 0 when uniform() is exactly 0
  const double magnitude = -portable_log(tail > 0.0 ? tail : 0x1.0p-53);
  return u < 0.0 ? -magnitude : magnitude;
}

void Rng::shuffle(std::span<std::uint32_t> order) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);
}

double portable_log(double x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  // log m = 2 atanh(t) with t = (m - 1) / (m + 1), |t| < 0.172.
  int e = 0;
  double m = std::frexp(x, &e);
  if (m < 0.70710678118654752) {
    m *= 2.0;
    --e;
  }
  const double t = (m - 1.0) / (m + 1.0);
  const double t2 = t * t;
  double series = 0.0;  // 1 + t^2/3 + t^4/5 + ...; the first term left out is below 0.172^22 / 23
  for (int n = 21; n >= 1; n -= 2) series = series * t2 + 1.0 / n;
  return 2.0 * t * series + e * 0.69314718055994531;
}

}  // namespace qfs

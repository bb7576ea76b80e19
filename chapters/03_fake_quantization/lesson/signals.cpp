// The numbers that the sections quantize.
#include <algorithm>
#include <numbers>

#include "03_fake_quantization/lesson/study.hpp"
#include "common/rng.hpp"

namespace qfs::ch03 {
namespace {

constexpr std::size_t kDraws = 100000;

template <class Draw>
std::vector<float> draws(std::uint64_t seed, Draw draw) {
  Rng rng(seed);
  std::vector<float> x(kDraws);
  for (float& value : x) value = static_cast<float>(draw(rng));
  return x;
}

}  // namespace

std::vector<float> normal_draws(std::uint64_t seed) {
  return draws(seed, [](Rng& rng) { return rng.normal(); });
}

std::vector<float> laplace_draws(std::uint64_t seed) {
  return draws(seed, [](Rng& rng) { return rng.laplace() / std::numbers::sqrt2; });
}

std::vector<float> uniform_draws(std::uint64_t seed) {
  return draws(seed, [](Rng& rng) { return rng.uniform(-1.0, 1.0); });
}

Signal::Signal(std::span<const float> numbers) : x(numbers) {
  const auto [min, max] = min_max(x);
  largest = std::max(-min, max);
  for (float value : x) power += static_cast<double>(value) * static_cast<double>(value);
  power /= static_cast<double>(x.size());
}

double Signal::sqnr_db(float threshold, QuantRange range) const {
  return decibels(power / measure_noise(x, threshold, range).total());
}

}  // namespace qfs::ch03

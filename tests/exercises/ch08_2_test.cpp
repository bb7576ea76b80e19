// Judges exercise 8.2.
#include "2_per_group.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(206);

namespace {

std::vector<float> outputs(const exercise::Layer& layer, const std::vector<float>& x,
                           std::size_t group_size) {
  std::vector<float> y(layer.bias.size(), -999.0F);
  exercise::layer_per_group(layer, x, group_size, y);
  return y;
}

void check(const std::vector<float>& got, const std::vector<float>& expected, double bound) {
  CHECK(qfs::test::difference(std::span<const float>(got), std::span<const float>(expected),
                              bound) == "");
}

}  // namespace

TEST_CASE("8.2 two groups by hand") {
  // Group 1: 51 and 20.4, scale 0.2, integers 255 and 102. Group 2: -0.5 and 2.05, scale 0.01, zero
  // point 50, integers 0 and 255. All four are on their grid, so y is exact but for float32:
  // 0.5 (3 * 51 - 20.4 + 2 * (-0.5) + 4 * 2.05) + 1 = 0.5 * 139.8 + 1.
  const std::vector<std::int8_t> weight = {3, -1, 2, 4};
  const std::vector<float> bias = {1.0F};
  check(outputs({weight, 0.5F, bias}, {51.0F, 20.4F, -0.5F, 2.05F}, 2), {70.9F}, 1e-4);
  // One group: scale 51.5 / 255 = 0.20196, zero point 2 (2.48): 255, 103, 0, 12; the clamp takes 51
  // down to 253 steps. 0.5 * 0.20196 * (3 * 253 - 101 + 2 * (-2) + 4 * 10) + 1.
  check(outputs({weight, 0.5F, bias}, {51.0F, 20.4F, -0.5F, 2.05F}, 4), {71.0804F}, 1e-3);
}

TEST_CASE("8.2 the last group is short, and may be one input") {
  const std::vector<std::int8_t> weight = {1, 1, 1, -2, -2, -2};
  const std::vector<float> bias = {0.0F, 10.0F};
  check(outputs({weight, 1.0F, bias}, {25.5F, 12.7F, 1000.0F}, 2), {1038.2F, -2066.4F}, 1e-2);
}

TEST_CASE("8.2 groups of zeros") {
  const std::vector<std::int8_t> weight = {7, 7, 7, 7};
  const std::vector<float> bias = {-3.0F};
  check(outputs({weight, 1.0F, bias}, {0, 0, 0, 0}, 2), {-3.0F}, 0.0);
  check(outputs({weight, 1.0F, bias}, {0, 0, 25.5F, 0}, 2), {175.5F}, 1e-3);
}

TEST_CASE("8.2 random layers: the formula, within its roundings") {
  qfs::Rng rng(83);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t K = 1 + rng.below(40), N = 1 + rng.below(5), size = 1 + rng.below(12);
    std::vector<float> x(K), bias(N), expected(N);
    std::vector<std::int8_t> weight(N * K);
    for (float& value : x) value = static_cast<float>(rng.normal());
    for (float& value : bias) value = static_cast<float>(rng.normal());
    for (std::int8_t& w : weight)
      w = static_cast<std::int8_t>(static_cast<int>(rng.below(255)) - 127);
    double bound = 0.0;
    for (std::size_t n = 0; n < N; ++n) {
      double sum = static_cast<double>(bias[n]), magnitude = std::fabs(sum);
      for (std::size_t begin = 0; begin < K; begin += size) {
        const auto group = std::span<const float>(x).subspan(begin, std::min(size, K - begin));
        const auto [low, high] = qfs::min_max(group);
        const qfs::QuantParams p = qfs::choose_qparams(low, high, {0, 255});
        for (std::size_t i = 0; i < group.size(); ++i) {
          const int steps = qfs::quantize_value(group[i], p, {0, 255}) - p.zero_point;
          const double term =
              0.02 * static_cast<double>(p.scale) * steps * weight[n * K + begin + i];
          sum += term;
          magnitude += std::fabs(term);
        }
      }
      expected[n] = static_cast<float>(sum);
      bound = std::max(bound, magnitude);
    }
    // A term has four roundings, their sum at most K + 1; and 0.02F is not 0.02.
    bound *= (static_cast<double>(K) + 6.0) * 0x1p-24;
    INFO("K = " << K << ", N = " << N << ", groups of " << size);
    check(outputs({weight, 0.02F, bias}, x, size), expected, bound);
  }
}

TEST_CASE("8.2 a large group does not coarsen the others") {
  // Inputs below 1, the last group 1000 times as large. Each input is off by half a step of its own
  // group: 1 / 255 / 2 in the first seven groups. A common scale would be off by 1000 / 255 / 2.
  qfs::Rng rng(82);
  std::vector<float> x(64), bias = {0.0F};
  std::vector<std::int8_t> weight(64);
  double exact = 0.0, bound = 1e-2;
  for (std::size_t k = 0; k < 64; ++k) {
    x[k] = static_cast<float>(rng.uniform(-0.5, 0.5)) * (k < 56 ? 1.0F : 1000.0F);
    weight[k] = static_cast<std::int8_t>(k < 56 ? static_cast<int>(rng.below(255)) - 127 : 0);
    exact += static_cast<double>(x[k]) * weight[k];
    bound += std::abs(weight[k]) / 255.0 / 2.0;
  }
  const float y = outputs({weight, 1.0F, bias}, x, 8)[0];
  INFO("got " << y << ", in reals " << exact << ", bound " << bound);
  CHECK(std::fabs(static_cast<double>(y) - exact) <= bound);
}

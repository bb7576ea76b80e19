// Judges exercise 8.2.
#include "2_per_group.hpp"

#include <cmath>
#include <vector>

#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"

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

// Judges exercise 17.2.
#include "2_zero_point_per_group.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(22);

namespace {

// What a layer and its row are made of. All reals are multiples of 1/4 and small: every order of
// float32 sums gives the same.
struct Example {
  std::size_t N = 1, K = 4, group_size = 2;
  std::vector<std::uint8_t> q_w{}, zero_point{}, x{};
  std::vector<float> scale{}, bias{};
  qfs::QuantParams params{1.0F, 0};

  std::size_t groups() const { return (K + group_size - 1) / group_size; }
  std::vector<float> yours() const {
    std::vector<float> y(N, -99.0F);
    exercise::linear_with_zero_points({N, K, group_size, q_w, scale, zero_point, bias}, x, params,
                                      y);
    return y;
  }
  std::vector<float> by_definition() const {
    std::vector<float> y;
    for (std::size_t n = 0; n < N; ++n) {
      double total = 0.0;
      for (std::size_t k = 0; k < K; ++k) {
        const std::size_t g = n * groups() + k / group_size;
        total += static_cast<double>(scale[g]) * (x[k] - params.zero_point) *
                 (q_w[n * K + k] - zero_point[g]);
      }
      y.push_back(static_cast<float>(static_cast<double>(params.scale) * total +
                                     static_cast<double>(bias[n])));
    }
    return y;
  }
};

Example random_example(std::uint64_t seed, std::size_t N, std::size_t K, std::size_t group_size) {
  qfs::Rng rng(seed);
  Example e{.N = N, .K = K, .group_size = group_size};
  const auto fill = [&](std::vector<std::uint8_t>& numbers, std::size_t count, unsigned bound) {
    for (std::size_t i = 0; i < count; ++i)
      numbers.push_back(static_cast<std::uint8_t>(rng.below(bound)));
  };
  fill(e.q_w, N * K, 16);
  fill(e.zero_point, N * e.groups(), 16);
  fill(e.x, K, 256);
  for (std::size_t i = 0; i < N * e.groups(); ++i)
    e.scale.push_back(0.25F * static_cast<float>(1 + rng.below(8)));
  for (std::size_t n = 0; n < N; ++n) e.bias.push_back(static_cast<float>(rng.below(64)) - 32.0F);
  e.params = {0.5F, static_cast<std::int32_t>(rng.below(256))};
  return e;
}

}  // namespace

TEST_CASE("17.2 on paper: two groups of two") {
  Example e{.q_w = {3, 15, 0, 8},
            .zero_point = {5, 8},
            .x = {12, 20, 10, 0},
            .scale = {1.0F, 0.5F},
            .bias = {1.0F},
            .params = {0.5F, 10}};
  // (2)(-2) + (10)(10) = 96; (0)(-8) + (-10)(0) = 0
  CHECK(e.yours() == std::vector<float>{49.0F});
  e.x = {10, 10, 11, 0};  // 0; (1)(-8) + 0 = -8, times 0.5
  CHECK(e.yours() == std::vector<float>{-1.0F});
}

TEST_CASE("17.2 inputs at their zero point give the bias") {
  Example e = random_example(1, 3, 10, 4);
  e.params.zero_point = 77;
  e.x.assign(10, 77);
  CHECK(e.yours() == e.bias);
}

TEST_CASE("17.2 weights at their zero point give the bias") {
  Example e = random_example(2, 2, 6, 3);
  e.zero_point = {4, 9, 15, 0};
  e.q_w = {4, 4, 4, 9, 9, 9, 15, 15, 15, 0, 0, 0};
  CHECK(e.yours() == e.bias);
}

TEST_CASE("17.2 zero points of 0 leave the products alone") {
  Example e = random_example(3, 2, 8, 4);
  e.zero_point.assign(4, 0);
  e.params.zero_point = 0;
  CHECK(e.yours() == e.by_definition());
}

TEST_CASE("17.2 the last group is short: its number of inputs is its own") {
  Example e = random_example(4, 1, 5, 4);
  e.params.zero_point = 200;
  e.zero_point = {0, 15};
  CHECK(e.yours() == e.by_definition());
  e = random_example(5, 1, 3, 128);
  e.params.zero_point = 200;
  e.zero_point = {15};
  CHECK(e.yours() == e.by_definition());
}

TEST_CASE("17.2 by the definition: layers of many sizes") {
  std::uint64_t seed = 100;
  for (std::size_t N : {1U, 3U})
    for (std::size_t K : {1U, 7U, 100U})
      for (std::size_t size : {1U, 32U}) {
        const Example e = random_example(++seed, N, K, size);
        INFO("N = " << N << ", K = " << K << ", groups of " << size);
        CHECK(e.yours() == e.by_definition());
      }
}

TEST_CASE("17.2 large sums are exact: 255 by 15, 784 times") {
  Example e = random_example(6, 1, 784, 784);
  e.params = {1.0F, 0};
  e.x.assign(784, 255);
  e.q_w.assign(784, 15);
  e.zero_point = {0};
  e.scale = {1.0F};
  e.bias = {0.0F};
  CHECK(e.yours() == std::vector<float>{2998800.0F});
  e.zero_point = {15};
  CHECK(e.yours() == std::vector<float>{0.0F});
  e.zero_point = {1};
  e.params.zero_point = 255;
  CHECK(e.yours() == std::vector<float>{0.0F});
}

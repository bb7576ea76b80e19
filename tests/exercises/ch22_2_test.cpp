// Judges exercise 22.2.
#include "2_two_statistics.hpp"

#include <cmath>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(306);

using exercise::Channel;
using exercise::Correction;

TEST_CASE("22.2 on paper: running 3 + 1, batch 8 + 1") {
  // sqrt(4) / sqrt(9); 5 - 6 * 2 / 3
  const Correction got = exercise::correction({6, 5, 3, 1, 2, 8});
  CHECK(std::fabs(got.c - 2.0F / 3.0F) <= 1e-6F);
  CHECK(std::fabs(got.o - 1.0F) <= 1e-6F);
}

TEST_CASE("22.2 y is what the batch's statistics make of the convolution") {
  qfs::Rng rng(223);
  const auto draw = [&](double low, double high) {
    return static_cast<float>(rng.uniform(low, high));
  };
  for (int i = 0; i < 100; ++i) {
    const Channel channel{draw(-2, 2),     draw(-1, 1), draw(0.1, 4),
                          draw(0.01, 0.5), draw(-1, 1), draw(0.1, 4)};
    const Correction got = exercise::correction(channel);
    const auto [gamma, beta, running, epsilon, mean, variance] = channel;
    const float f = gamma / std::sqrt(running + epsilon);
    for (float conv : {-2.0F, 0.0F, 1.5F}) {
      const float expected = gamma * (conv - mean) / std::sqrt(variance + epsilon) + beta;
      // Ten operations on numbers below 60, each relative 2^-24.
      CHECK(std::fabs(got.c * (f * conv) + got.o - expected) <= 4e-5F);
    }
  }
}

TEST_CASE("22.2 gamma 0 gives beta") {
  const Correction got = exercise::correction({0, 0.75F, 3, 1, 2, 8});
  CHECK(std::isfinite(got.c));
  CHECK(got.o == 0.75F);
}

TEST_CASE("22.2 where both statistics agree nothing is corrected but the offset") {
  const Correction got = exercise::correction({2, 0, 3, 1, 5, 3});
  CHECK(got.c == 1.0F);
  CHECK(got.o == -5.0F);
}

#include "common/rng.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"

using qfs::Rng;

namespace {

struct Moments {
  double mean = 0.0, variance = 0.0, excess_kurtosis = 0.0;
};

template <class Draw>
Moments moments_of(int count, Draw draw) {
  std::vector<double> drawn(static_cast<std::size_t>(count));
  for (double& value : drawn) value = draw();
  const double n = static_cast<double>(count);
  Moments moments;
  moments.mean = std::accumulate(drawn.begin(), drawn.end(), 0.0) / n;
  double fourth = 0.0;
  for (const double value : drawn) {
    const double square = (value - moments.mean) * (value - moments.mean);
    moments.variance += square / n;
    fourth += square * square / n;
  }
  moments.excess_kurtosis = fourth / (moments.variance * moments.variance) - 3.0;
  return moments;
}

}  // namespace

TEST_CASE("Rng is xoshiro256** seeded by splitmix64", "[ref]") {
  // Computed in Python from the definitions of both; those of seed 0 are also the published test
  // values of other libraries (11091344671253066420, 13793997310169335082, ...).
  const auto first = [](std::uint64_t seed) {
    Rng rng(seed);
    return std::vector<std::uint64_t>{rng.bits(), rng.bits(), rng.bits(), rng.bits(), rng.bits()};
  };
  CHECK(first(0) == std::vector<std::uint64_t>{0x99ec5f36cb75f2b4, 0xbf6e1f784956452a,
                                               0x1a5f849d4933e6e0, 0x6aa594f1262d2d2c,
                                               0xbba5ad4a1f842e59});
  CHECK(first(1) == std::vector<std::uint64_t>{0xb3f2af6d0fc710c5, 0x853b559647364cea,
                                               0x92f89756082a4514, 0x642e1c7bc266a3a7,
                                               0xb27a48e29a233673});
  CHECK(first(42)[0] == 0x15780b2e0c2ec716);
  Rng rng(1);
  std::uint64_t millionth = 0;
  for (int i = 0; i < 1000000; ++i) millionth = rng.bits();
  CHECK(millionth == 0xe1a406c2f015028f);
}

TEST_CASE("below, uniform and shuffle have known values", "[ref]") {
  // By the same Python program, from seed 1; for the bound 3 * 2^62, of which one draw in four is
  // redrawn, from seed 0: its third draw is.
  Rng below(1);
  std::vector<std::uint64_t> drawn(20);
  for (auto& value : drawn) value = below.below(10);
  CHECK(drawn ==
        std::vector<std::uint64_t>{7, 2, 0, 3, 1, 2, 6, 9, 1, 8, 1, 0, 1, 3, 1, 9, 5, 1, 0, 7});
  Rng wide(0);
  for (const std::uint64_t expected :
       {11091344671253066420U, 13793997310169335082U, 7684712102626143532U, 13521403990117723737U})
    CHECK(wide.below(std::uint64_t{3} << 62) == expected);
  Rng uniform(1);
  CHECK(uniform.uniform() == 0.7029218331588505);
  CHECK(uniform.uniform() == 0.5204366199388569);
  CHECK(uniform.uniform() == 0.5741057000197225);
  Rng shuffler(1);
  std::vector<std::uint32_t> order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  shuffler.shuffle(order);
  CHECK(order == std::vector<std::uint32_t>{3, 8, 0, 9, 2, 5, 6, 4, 1, 7});
}

TEST_CASE("below is even over its range, and refuses an empty one", "[prop]") {
  Rng rng(3);
  std::vector<int> counts(6);
  for (int i = 0; i < 60000; ++i) ++counts[rng.below(6)];
  // Each count is binomial(60000, 1/6): deviation sqrt(60000 * 5 / 36) = 91; five of them.
  for (const int count : counts) CHECK(std::abs(count - 10000) < 456);
  CHECK(rng.below(1) == 0);
  CHECK_THAT(qfs::test::message_of([&] { rng.below(0); }), QFS_CONTAINS("positive bound"));
}

TEST_CASE("uniform stays in its range", "[prop]") {
  Rng rng(4);
  const Moments moments = moments_of(100000, [&] {
    const double value = rng.uniform();
    CHECK_FALSE((value < 0.0 || value >= 1.0));
    return value;
  });
  // Deviation of the mean: sqrt(1/12 / 100000) = 0.00091; five of them.
  CHECK(std::fabs(moments.mean - 0.5) < 0.0046);
  CHECK(std::fabs(moments.variance - 1.0 / 12.0) < 0.0015);
  for (int i = 0; i < 1000; ++i) {
    const double value = rng.uniform(-2.0, 3.0);
    CHECK_FALSE((value < -2.0 || value >= 3.0));
  }
}

TEST_CASE("normal and laplace have the moments of their distributions", "[prop]") {
  constexpr int kCount = 400000;
  Rng rng(5);
  // Normal: mean 0 (deviation 1 / sqrt(n) = 0.0016), variance 1 (sqrt(2 / n) = 0.0022), excess
  // kurtosis 0 (sqrt(24 / n) = 0.0077). Bounds are five deviations.
  const Moments normal = moments_of(kCount, [&] { return rng.normal(); });
  CHECK(std::fabs(normal.mean) < 0.008);
  CHECK(std::fabs(normal.variance - 1.0) < 0.0112);
  CHECK(std::fabs(normal.excess_kurtosis) < 0.039);
  // Laplace of scale 1: variance 2, deviation of the mean sqrt(2 / n) = 0.0022, of the variance
  // sqrt((24 - 4) / n) = 0.0071; excess kurtosis 3, its own estimate wide: half a unit.
  const Moments laplace = moments_of(kCount, [&] { return rng.laplace(); });
  CHECK(std::fabs(laplace.mean) < 0.0112);
  CHECK(std::fabs(laplace.variance - 2.0) < 0.036);
  CHECK(std::fabs(laplace.excess_kurtosis - 3.0) < 0.5);
}

TEST_CASE("normal's first values are pinned, for every compiler and CPU", "[hand]") {
  Rng rng(1);
  // Marsaglia's polar method by hand, from the two first uniform() of seed 1:
  //   u = 2 * 0.7029218 - 1 = 0.4058437, v = 2 * 0.5204366 - 1 = 0.0408732,
  //   s = u^2 + v^2 = 0.1663797, u * sqrt(-2 ln(s) / s) = 0.4058437 * 4.6430 = 1.8843...
  const double first = rng.normal();
  const double u = 0.7029218331588505 * 2.0 - 1.0, v = 0.5204366199388569 * 2.0 - 1.0;
  const double s = u * u + v * v;
  CHECK(std::fabs(first - u * std::sqrt(-2.0 * std::log(s) / s)) < 1e-14);
  CHECK(std::fabs(first - 1.8843) < 5e-4);
}

TEST_CASE("shuffle is a permutation, and every place is equally likely", "[prop]") {
  Rng rng(6);
  std::vector<int> first_place(5);
  for (int round = 0; round < 10000; ++round) {
    std::vector<std::uint32_t> order = {0, 1, 2, 3, 4};
    rng.shuffle(order);
    ++first_place[order[0]];
    std::sort(order.begin(), order.end());
    CHECK(order == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  }
  // binomial(10000, 1/5): deviation 40; five of them.
  for (const int count : first_place) CHECK(std::abs(count - 2000) < 200);
  std::vector<std::uint32_t> nothing;
  rng.shuffle(nothing);
  CHECK(nothing.empty());
}

TEST_CASE("portable_log is within 6e-16 of the true logarithm", "[prop]") {
  // Against long double's log, whose own error (2^-64) does not count.
  const auto relative_error = [](double x) {
    const long double exact = std::log(static_cast<long double>(x));
    return exact == 0.0L ? std::fabs(qfs::portable_log(x))
                         : static_cast<double>(std::fabs((qfs::portable_log(x) - exact) / exact));
  };
  Rng rng(7);
  double worst = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const double near_one = 1.0 + rng.uniform(-0.5, 1.0);
    const double anywhere =
        std::ldexp(1.0 + rng.uniform(), static_cast<int>(rng.below(1990)) - 996);
    const double very_near = 1.0 + rng.uniform(-1e-6, 1e-6);
    for (const double x : {near_one, anywhere, very_near})
      worst = std::max(worst, relative_error(x));
  }
  for (const double x : {1e-300, 1e300, 0.70710678118654746, 0.70710678118654757, 0x1.0p-53})
    worst = std::max(worst, relative_error(x));
  // t, the series, their product and the sum round five times by at most 2^-53; what the series
  // leaves out is below 1e-18.
  CHECK(worst < 6e-16);
  CHECK(qfs::portable_log(1.0) == 0.0);
}

// Judges exercise 1.2.
#include "2_rescale.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(2010);

namespace {

using Integers = std::vector<std::int32_t>;
using exercise::QuantParams;

Integers rescaled(const Integers& q, QuantParams from, QuantParams to, std::int32_t qmin = 0,
                  std::int32_t qmax = 255) {
  Integers out(q.size(), -999);
  exercise::rescale(q, from, to, qmin, qmax, out);
  return out;
}

}  // namespace

TEST_CASE("1.2 on paper: steps of 0.2 become steps of 0.25") {
  // 0, 3, 5, 7, 11, 15 by (0.2, 5) stand for -1, -0.4, 0, 0.4, 1.2, 2; in quarters that is
  // -4, -1.6, 0, 1.6, 4.8, 8; rounded -4, -2, 0, 2, 5, 8; + 4.
  CHECK(rescaled({0, 3, 5, 7, 11, 15}, {0.2F, 5}, {0.25F, 4}, 0, 15) ==
        Integers{0, 2, 4, 6, 9, 12});
}

TEST_CASE("1.2 the same grid changes nothing, and 0 stays 0") {
  CHECK(rescaled({0, 77, 255}, {0.1F, 9}, {0.1F, 9}) == Integers{0, 77, 255});
  CHECK(rescaled({5}, {0.37F, 5}, {0.0011F, 200}) == Integers{200});
}

TEST_CASE("1.2 ties go to even, and the zero point is added afterwards") {
  // 1, 3, 5, -1, -3 halves: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, -0.5 -> 0, -1.5 -> -2; then + 3.
  CHECK(rescaled({1, 3, 5, -1, -3}, {0.5F, 0}, {1.0F, 3}) == Integers{3, 5, 5, 3, 1});
}

TEST_CASE("1.2 what the other grid cannot hold is clamped, however far out it lies") {
  CHECK(rescaled({0, 100, 255}, {1.0F, 100}, {0.5F, 100}) == Integers{0, 100, 255});
  CHECK(rescaled({0, 100, 255}, {1e6F, 100}, {1e-6F, 7}, -128, 127) == Integers{-128, 7, 127});
}

TEST_CASE("1.2 a coarser grid forgets") {
  CHECK(rescaled({0, 1, 254, 255}, {1e-6F, 0}, {1e6F, 50}) == Integers{50, 50, 50, 50});
}

TEST_CASE("1.2 an empty tensor stays empty") { CHECK(rescaled({}, {1.0F, 0}, {2.0F, 0}).empty()); }

TEST_CASE("1.2 the range may be smaller than the type, and far from 0") {
  CHECK(rescaled({0, 100, 255}, {1.0F, 100}, {1.0F, 105}, 10, 250) == Integers{10, 105, 250});
  CHECK(rescaled({0, 255}, {1.0F, 0}, {1.0F, 500}, 505, 700) == Integers{505, 700});
}

TEST_CASE("1.2 random grids: every bit of the float32 product counts") {
  // Products up to 10^7 in steps of up to a whole: another ratio, or another order, shows.
  qfs::Rng rng(12);
  for (int i = 0; i < 2000; ++i) {
    const QuantParams from{static_cast<float>(rng.uniform(0.1, 1.0)),
                           static_cast<std::int32_t>(rng.below(256))};
    const QuantParams to{static_cast<float>(rng.uniform(0.1, 1.0)),
                         static_cast<std::int32_t>(rng.below(256))};
    const auto q = static_cast<std::int32_t>(rng.below(2000001)) - 1000000;
    const float product = static_cast<float>(q - from.zero_point) * (from.scale / to.scale);
    const auto expected = to.zero_point + static_cast<std::int32_t>(std::nearbyint(product));
    INFO(q << " by (" << from.scale << ", " << from.zero_point << "), moved to (" << to.scale
           << ", " << to.zero_point << "): the product is " << product);
    CHECK(rescaled({q}, from, to, -1000, 1 << 30) == Integers{std::max(expected, -1000)});
  }
}

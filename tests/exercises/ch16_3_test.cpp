// Judges exercise 16.3.
#include "3_best_choice.hpp"

#include <limits>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(218);

namespace {

using Lost = std::vector<double>;
using Sizes = std::vector<std::uint64_t>;

// The narrow net in 4 bits, as leave_in_float meets it: by its ranking it takes layers 4, 3 and 2.
const Sizes kNarrow = {12544, 256, 256, 160};

std::uint64_t in_float(const Sizes& weights, std::size_t choice) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (choice & (std::size_t{1} << i)) sum += weights[i];
  return sum;
}

// Whether no choice that meets the target is better than this one, which meets it.
bool is_best(const Lost& lost, const Sizes& weights, double target, std::size_t best) {
  if (best >= lost.size() || !(lost[best] <= target)) return false;
  for (std::size_t other = 0; other < lost.size(); ++other) {
    if (!(lost[other] <= target) || other == best) continue;
    const std::uint64_t a = in_float(weights, best), b = in_float(weights, other);
    if (b < a || (b == a && lost[other] < lost[best])) return false;
    if (b == a && lost[other] == lost[best] && other < best) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("16.3 the fewest weights, not the fewest layers") {
  // Two small layers (bits 1 and 2) or the large one (bit 0).
  CHECK(exercise::best_choice(Lost{5, 0, 3, 3, 3, 3, 0.4, 0}, Sizes{1000, 10, 20}, 0.5) == 6);
  CHECK(exercise::best_choice(Lost{5, 0, 3, 3, 3, 3, 0.4, 0}, Sizes{25, 10, 20}, 0.5) == 1);
}

TEST_CASE("16.3 all in bits where that will do, all in float where nothing else will") {
  CHECK(exercise::best_choice(Lost{0.5, 0.1, 0.0, 0.0}, Sizes{3, 4}, 0.5) == 0);
  CHECK(exercise::best_choice(Lost{5, 1, 1, 0}, Sizes{3, 4}, 0.5) == 3);
  CHECK(exercise::best_choice(Lost{-0.5, -1.0}, Sizes{3}, -0.7) == 1);
}

TEST_CASE("16.3 ties: the smaller loss, then the smaller number") {
  CHECK(exercise::best_choice(Lost{5, 0.3, 0.2, 0}, Sizes{7, 7}, 0.5) == 2);
  CHECK(exercise::best_choice(Lost{5, 0.2, 0.3, 0}, Sizes{7, 7}, 0.5) == 1);
  CHECK(exercise::best_choice(Lost{5, 0.2, 0.2, 0}, Sizes{7, 7}, 0.5) == 1);
  CHECK(exercise::best_choice(Lost{0.2, 0.1}, Sizes{0}, 0.5) == 1);  // a layer without weights
}

TEST_CASE("16.3 large layers") {
  const std::uint64_t large = std::uint64_t{1} << 32;
  CHECK(exercise::best_choice(Lost{5, 0.1, 0.1, 0}, Sizes{large, 3}, 0.5) == 2);
  // One part in 2^53: counts are not floats.
  const std::uint64_t huge = std::uint64_t{1} << 53;
  CHECK(exercise::best_choice(Lost{5, 0.1, 0.2, 0}, Sizes{huge + 1, huge}, 0.5) == 2);
}

TEST_CASE("16.3 where no choice will do") {
  CHECK_THROWS_AS(exercise::best_choice(Lost{5, 4, 3, 2}, Sizes{1, 1}, 0.5), qfs::Error);
  CHECK_THROWS_AS(exercise::best_choice(Lost{5, 4, 0}, Sizes{1, 1}, 0.5), qfs::Error);
  CHECK_THROWS_AS(exercise::best_choice(Lost{5, 4, 3, 2, 0}, Sizes{1, 1}, 0.5), qfs::Error);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(exercise::best_choice(Lost{nan, nan}, Sizes{1}, 0.5), qfs::Error);
  CHECK(exercise::best_choice(Lost{nan, 0.25}, Sizes{1}, 0.5) == 1);
}

TEST_CASE("16.3 against all others") {
  qfs::Rng rng(163);
  for (int i = 0; i < 200; ++i) {
    Sizes weights = kNarrow;
    if (i % 2 == 0)
      for (std::uint64_t& size : weights) size = 1 + rng.below(4);
    Lost lost(16);
    for (double& points : lost) points = static_cast<double>(rng.below(9)) / 4.0;
    lost[15] = 0.0;
    CHECK(is_best(lost, weights, 0.5, exercise::best_choice(lost, weights, 0.5)));
  }
}

TEST_CASE("16.3 one layer, and twenty") {
  CHECK(exercise::best_choice(Lost{1, 0}, Sizes{9}, 0.0) == 1);
  Lost many(std::size_t{1} << 20, 1.0);
  many[0x80001] = 0.0;
  CHECK(exercise::best_choice(many, Sizes(20, 5), 0.5) == 0x80001);
}

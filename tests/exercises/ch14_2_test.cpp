// Judges exercise 14.2.
//
// Why step by step is best, although no step looks ahead. Let c(i, j) be what the j-th step of
// integer i costs: 1 - 2 (q - j + 1 - t), 2 more for every j, so that an integer's steps are taken
// cheapest first whoever takes them. A way to bring a sum down by e is a set of e such steps, and
// costs their sum. Suppose a best set lacks a step s that greed has taken, and greed lacks a step
// s' of that set. Take the first such s: all steps of its integer before it are in both. When greed
// took s, the first step of s' 's integer that greed lacks was to be had, so s costs no more than
// it, and it no more than the last one of that integer in the best set. Exchange that one for s:
// the set is one that can be taken, costs no more, and shares one step more with greed's. After at
// most e exchanges it is greed's. Steps beyond e cost 0 or more: rounding is at most half a step
// off.
#include "2_least_harm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(25);

namespace {

using Integers = std::vector<std::int32_t>;
using Reals = std::vector<double>;  // eighths: all errors below are exact

Integers rounded(const Reals& t) {
  Integers q;
  for (double real : t)
    q.push_back(static_cast<std::int32_t>(std::clamp(std::nearbyint(real), -128.0, 127.0)));
  return q;
}

Integers brought(const Reals& t, std::int32_t most) {
  Integers q = rounded(t);
  exercise::bring_within(q, t, most);
  return q;
}

double error_of(const Integers& q, const Reals& t) {
  double error = 0.0;
  for (std::size_t i = 0; i < q.size(); ++i) error += (q[i] - t[i]) * (q[i] - t[i]);
  return error;
}

bool fits(const Integers& q, std::int32_t most) {
  std::int32_t positive = 0, negative = 0;
  for (std::int32_t value : q) (value > 0 ? positive : negative) += value;
  return positive <= most && negative >= -most;
}

// The least error of all ways there are, tried one after the other.
double least_by_trying(const Reals& t, std::int32_t most) {
  const Integers start = rounded(t);
  Integers q(start.size(), 0);
  double least = std::numeric_limits<double>::infinity();
  for (;;) {
    if (fits(q, most)) least = std::min(least, error_of(q, t));
    std::size_t i = 0;  // count on: 0 to start[i], either way
    while (i < q.size() && q[i] == start[i]) q[i++] = 0;
    if (i == q.size()) return least;
    q[i] += start[i] > 0 ? 1 : -1;
  }
}

// The least error by integer after integer: the best for every sum of those so far.
double least_by_sums(const Reals& t, std::int32_t most) {
  const Integers start = rounded(t);
  double error = 0.0;
  for (std::int32_t sign : {1, -1}) {
    std::vector<double> best(static_cast<std::size_t>(most) + 1,
                             std::numeric_limits<double>::infinity());
    best[0] = 0.0;
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (sign * start[i] <= 0) continue;
      std::vector<double> next(best.size(), std::numeric_limits<double>::infinity());
      for (std::size_t sum = 0; sum < best.size(); ++sum)
        for (std::size_t value = 0; value <= sum; ++value) {
          const double off = static_cast<double>(value) - sign * t[i];
          if (static_cast<std::int32_t>(value) <= sign * start[i])
            next[sum] = std::min(next[sum], best[sum - value] + off * off);
        }
      best = next;
    }
    error += *std::ranges::min_element(best);
  }
  for (std::size_t i = 0; i < t.size(); ++i) error += start[i] == 0 ? t[i] * t[i] : 0.0;
  return error;
}

// Empty, or what is wrong with the answer.
std::string fault_of(const Reals& t, std::int32_t most, auto least) {
  const Integers start = rounded(t), q = brought(t, most);
  std::string text = "most = " + std::to_string(most) + ", t =";
  for (double real : t) text += " " + std::to_string(real);
  for (std::size_t i = 0; i < t.size(); ++i)
    if (q[i] != std::clamp(q[i], std::min(start[i], 0), std::max(start[i], 0)))
      return text + ": " + std::to_string(start[i]) + " became " + std::to_string(q[i]);
  if (!fits(q, most)) return text + ": does not fit";
  const double got = error_of(q, t), wanted = least(t, most);
  return got == wanted
             ? ""
             : text + ": error " + std::to_string(got) + ", the least is " + std::to_string(wanted);
}

// Reals of either sign up to `largest`, in eighths.
Reals random_reals(qfs::Rng& rng, std::size_t count, int largest) {
  Reals t(count);
  for (double& real : t) {
    const auto values = static_cast<std::uint64_t>(16 * largest + 1);
    real = (static_cast<double>(rng.below(values)) - 8.0 * largest) / 8.0;
  }
  return t;
}

std::string first_fault(std::size_t longest, int largest, std::uint64_t most, auto least) {
  qfs::Rng rng(longest * 1000 + static_cast<std::size_t>(largest));
  for (int i = 0; i < 200; ++i) {
    const Reals t = random_reals(rng, 1 + rng.below(longest), largest);
    const auto bound = static_cast<std::int32_t>(rng.below(most + 1));
    if (const std::string fault = fault_of(t, bound, least); !fault.empty()) return fault;
  }
  return "";
}

}  // namespace

TEST_CASE("14.2 on paper: where rounding had added most") {
  CHECK(brought({64.75, 63.625}, 128) == Integers{65, 63});   // 65 + 64: 0.25 and 0.375 added
  CHECK(brought({64.625, 64.375}, 128) == Integers{64, 64});  // 65 + 64
  CHECK(brought({10.25, 1.625, 3.75}, 15) == Integers{10, 1, 4});
  CHECK(brought({1.875, 1.75, 1.625, 1.5}, 6) == Integers{2, 2, 1, 1});
}

TEST_CASE("14.2 on paper: the other sign") {
  CHECK(brought({-64.75, -63.625}, 128) == Integers{-65, -63});
  CHECK(brought({-64.625, -64.375}, 128) == Integers{-64, -64});
  CHECK(brought({64.75, -64.75, 63.625, -63.625}, 128) == Integers{65, -65, 63, -63});
  CHECK(brought({100, -100}, 50) == Integers{50, -50});
}

TEST_CASE("14.2 on paper: more than one step") {
  CHECK(brought({5.875, 5.625}, 10) == Integers{5, 5});
  CHECK(brought({5.875, 5.625}, 9) == Integers{5, 4});  // 5.875 - 4 is worse than 5.625 - 4
  CHECK(brought({9}, 2) == Integers{2});
  CHECK(brought({4, 4, 4}, 6) == Integers{2, 2, 2});
}

TEST_CASE("14.2 those at 0 have nothing to give") {
  CHECK(brought({0.5, 8}, 7) == Integers{0, 7});
  CHECK(brought({0.625, 8}, 5) == Integers{0, 5});  // 1 - 2 * 0.375 and then three of the 8
  CHECK(brought({3, -0.375, 0}, 2) == Integers{2, 0, 0});
  CHECK(brought({3, 5, -2}, 0) == Integers{0, 0, 0});
}

TEST_CASE("14.2 a clamped integer gives late") {
  CHECK(brought({140, 60}, 180) == Integers{127, 53});
  CHECK(brought({-140, -60}, 180) == Integers{-128, -52});
  CHECK(brought({140, 14}, 130) == Integers{127, 3});
  CHECK(brought({140, 60}, 150) == Integers{115, 35});  // 25 less than they were, both
}

TEST_CASE("14.2 what fits stays as it is") {
  CHECK(brought({64.75, 63.25}, 128) == Integers{65, 63});
  CHECK(brought({}, 0).empty());
}

TEST_CASE("14.2 as all ways say: lanes up to 4") {
  CHECK(first_fault(4, 6, 20, least_by_trying) == "");
}

TEST_CASE("14.2 as the best for every sum says: lanes up to 30") {
  CHECK(first_fault(12, 150, 258, least_by_sums) == "");
  CHECK(first_fault(30, 12, 128, least_by_sums) == "");
}

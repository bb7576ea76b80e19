// Judges exercise 15.2.
#include "2_merge.hpp"

#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(42);

namespace {

// Both orders must give the same.
void check_merged(const qfs::Histogram& a, const qfs::Histogram& b, double width,
                  const std::vector<std::uint64_t>& counts) {
  for (bool swapped : {false, true}) {
    const qfs::Histogram merged = swapped ? exercise::merge(b, a) : exercise::merge(a, b);
    INFO((swapped ? "b first" : "a first"));
    CHECK(merged.width == width);
    CHECK(merged.counts == counts);
  }
}

}  // namespace

TEST_CASE("15.2 one width: bin by bin, as long as the longer") {
  check_merged({.width = 0.5, .counts = {1, 2, 3}}, {.width = 0.5, .counts = {10, 20, 30, 40}}, 0.5,
               {11, 22, 33, 40});
}

TEST_CASE("15.2 the coarser width is kept") {
  // Bins of 1 in bins of 2: two by two.
  check_merged({.width = 2.0, .counts = {5, 6}}, {.width = 1.0, .counts = {1, 2, 3, 4}}, 2.0,
               {8, 13});
}

TEST_CASE("15.2 a bin goes where its centre lies") {
  // Bins of 0.75 have their centres at 0.375, 1.125, 1.875, 2.625; bins 1 and 3 begin in other bins
  // of 1 than their centres are in, and bin 2 ends in another.
  check_merged({.width = 1.0, .counts = {0, 0, 0}}, {.width = 0.75, .counts = {1, 10, 100, 1000}},
               1.0, {1, 110, 1000});
}

TEST_CASE("15.2 the finer one reaches further") {
  // Centres 0.25, 0.75, ..., 3.25: up to bin 3.
  check_merged({.width = 1.0, .counts = {7}}, {.width = 0.5, .counts = {1, 1, 1, 1, 1, 1, 1}}, 1.0,
               {9, 2, 2, 1});
}

TEST_CASE("15.2 empty bins at the end are bins") {
  check_merged({.width = 1.0, .counts = {1}}, {.width = 1.0, .counts = {1, 0, 0}}, 1.0, {2, 0, 0});
}

TEST_CASE("15.2 width 0: the other") {
  check_merged({}, {.width = 1.0, .counts = {1, 2}}, 1.0, {1, 2});
  check_merged({}, {}, 0.0, {});
}

TEST_CASE("15.2 nothing is lost") {
  qfs::Rng rng(152);
  for (int trial = 0; trial < 14; ++trial) {
    qfs::Histogram a{.width = rng.uniform(0.1, 1.0), .counts = {}}, b = a;
    b.width = rng.uniform(0.1, 1.0);
    a.counts.resize(1 + rng.below(50));
    b.counts.resize(1 + rng.below(50));
    std::uint64_t all = 0, merged_all = 0;
    for (auto* h : {&a, &b})
      for (std::uint64_t& count : h->counts) all += count = rng.below(1000);
    for (std::uint64_t count : exercise::merge(a, b).counts) merged_all += count;
    CHECK(merged_all == all);
  }
}

// Judges exercise 24.3.
#include "3_same_pads.hpp"

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(19);

using exercise::same_pads;

namespace {
using Pads = exercise::Pads;

// How many of all small cases a property does not hold for.
template <class Holds>
int broken(Holds holds) {
  int count = 0;
  for (std::size_t extent = 1; extent <= 12; ++extent)
    for (std::size_t window = 1; window <= 7; ++window)
      for (std::size_t stride = 1; stride <= 4; ++stride)
        for (const bool upper : {true, false}) {
          const auto pads = same_pads(extent, window, stride, upper);
          if (!holds(extent, window, stride, upper, pads.before, pads.behind)) ++count;
        }
  return count;
}
}  // namespace

TEST_CASE("24.3 an odd window with stride 1 needs half of itself on both sides") {
  CHECK(same_pads(28, 3, 1, true) == Pads{1, 1});
  CHECK(same_pads(28, 5, 1, true) == Pads{2, 2});
  CHECK(same_pads(28, 5, 1, false) == Pads{2, 2});
}

TEST_CASE("24.3 where one is left over, the two names differ") {
  CHECK(same_pads(28, 3, 2, true) == Pads{0, 1});  // 14 places; 13 * 2 + 3 = 29
  CHECK(same_pads(28, 3, 2, false) == Pads{1, 0});
  CHECK(same_pads(7, 4, 1, true) == Pads{1, 2});
  CHECK(same_pads(7, 4, 1, false) == Pads{2, 1});
}

TEST_CASE("24.3 the stride does not divide the picture: one place more") {
  CHECK(same_pads(7, 3, 2, true) == Pads{1, 1});  // 4 places; 3 * 2 + 3 = 9
  CHECK(same_pads(5, 2, 3, true) == Pads{0, 0});  // 2 places; 3 + 2 = 5
  CHECK(same_pads(10, 7, 4, true) == Pads{2, 3});
}

TEST_CASE("24.3 a window smaller than its stride needs nothing") {
  CHECK(same_pads(8, 1, 2, true) == Pads{0, 0});
  CHECK(same_pads(9, 1, 4, false) == Pads{0, 0});
  CHECK(same_pads(12, 2, 3, true) == Pads{0, 0});
}

TEST_CASE("24.3 a picture smaller than the window") {
  CHECK(same_pads(1, 7, 1, true) == Pads{3, 3});
  CHECK(same_pads(2, 7, 4, true) == Pads{2, 3});
}

TEST_CASE("24.3 in all small cases the places are as many as they must be") {
  CHECK(broken([](auto extent, auto window, auto stride, bool, auto before, auto behind) {
          const std::size_t padded = before + extent + behind;
          return padded >= window &&
                 (padded - window) / stride + 1 == (extent + stride - 1) / stride;
        }) == 0);
}

TEST_CASE("24.3 in all small cases one zero less would be too few") {
  CHECK(broken([](auto extent, auto window, auto stride, bool, auto before, auto behind) {
          const std::size_t all = before + behind, less = extent + all - 1;
          return all == 0 || less < window ||
                 (less - window) / stride + 1 < (extent + stride - 1) / stride;
        }) == 0);
}

TEST_CASE("24.3 in all small cases the two sides differ by one at most, to the right side") {
  CHECK(broken([](auto, auto, auto, bool upper, auto before, auto behind) {
          return upper ? behind - before <= 1 : before - behind <= 1;
        }) == 0);
}

TEST_CASE("24.3 a large picture") { CHECK(same_pads(100000, 11, 4, true) == Pads{3, 4}); }

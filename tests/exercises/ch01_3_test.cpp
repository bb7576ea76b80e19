// Judges exercise 1.3.
#include "3_per_group.hpp"

#include "tests/support/catch.hpp"

namespace {
using Scales = std::vector<float>;
const std::vector<float> kRow = {1.0F, -2.0F, 0.5F, 0.25F, -8.0F};
}  // namespace

TEST_CASE("1.3 whole groups, then a short one") {
  CHECK(exercise::group_scales(kRow, 2, 7) == Scales{2.0F / 7.0F, 0.5F / 7.0F, 8.0F / 7.0F});
}

TEST_CASE("1.3 a group as long as the row, and longer") {
  CHECK(exercise::group_scales(kRow, 5, 127) == Scales{8.0F / 127.0F});
  CHECK(exercise::group_scales(kRow, 64, 127) == Scales{8.0F / 127.0F});
}

TEST_CASE("1.3 groups of one") {
  CHECK(exercise::group_scales(kRow, 1, 1) == Scales{1.0F, 2.0F, 0.5F, 0.25F, 8.0F});
}

TEST_CASE("1.3 a group of zeros has the scale 1") {
  CHECK(exercise::group_scales(std::vector<float>{0.0F, 0.0F, 3.0F}, 2, 3) == Scales{1.0F, 1.0F});
}

TEST_CASE("1.3 an empty row has no groups") {
  CHECK(exercise::group_scales(std::vector<float>{}, 4, 7).empty());
}

// Judges exercise 1.3.
#include "3_per_group.hpp"

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(11);

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

TEST_CASE("1.3 the magnitude is divided by qmax, not multiplied by its reciprocal") {
  const std::vector<float> row = {5.0F, 0.0F, 0.0F, -11.0F};
  CHECK(exercise::group_scales(row, 2, 127) == Scales{5.0F / 127.0F, 11.0F / 127.0F});
  CHECK(exercise::group_scales(row, 2, 7) == Scales{5.0F / 7.0F, 11.0F / 7.0F});
  CHECK(exercise::group_scales(row, 2, 15) == Scales{5.0F / 15.0F, 11.0F / 15.0F});
}

TEST_CASE("1.3 a large group in front changes nothing") {
  CHECK(exercise::group_scales(std::vector<float>{-64.0F, 1.0F, -3.0F, 2.0F, 1.0F}, 2, 1) ==
        Scales{64.0F, 3.0F, 1.0F});
}

TEST_CASE("1.3 weights below the smallest normal number are not zero") {
  CHECK(exercise::group_scales(std::vector<float>{1e-40F}, 1, 1) == Scales{1e-40F});
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

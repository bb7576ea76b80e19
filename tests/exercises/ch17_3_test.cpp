// Judges exercise 17.3.
#include "3_smallest_groups.hpp"

#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(31);

namespace {

using Layers = std::vector<exercise::LayerShape>;
using Size = std::optional<std::size_t>;

const Layers kMlp = {{100, 784}, {100, 100}, {10, 100}};

Size yours(const Layers& layers, int bits, std::size_t scale_bytes, std::size_t budget) {
  return exercise::smallest_group(layers, bits, scale_bytes, budget);
}

}  // namespace

TEST_CASE("17.3 on paper: one layer of one row") {
  // 64 bytes of integers; 4 scales of 2 bytes at 32, 2 at 64, 2 at 96, 1 at 128
  const Layers one = {{1, 128}};
  CHECK(yours(one, 4, 2, 72) == Size(32));
  CHECK(yours(one, 4, 2, 1000) == Size(32));
  CHECK(yours(one, 4, 2, 71) == Size(64));
  CHECK(yours(one, 4, 2, 68) == Size(64));
  CHECK(yours(one, 4, 2, 67) == Size(128));  // 96 has two groups still
  CHECK(yours(one, 4, 2, 66) == Size(128));
  CHECK(yours(one, 4, 2, 65) == std::nullopt);
  CHECK(yours(one, 4, 2, 0) == std::nullopt);
}

TEST_CASE("17.3 a size that is no power of two") {
  // Groups at 32, 64, 96, 128, 160: 5, 3, 2, 2, 1
  const Layers one = {{1, 160}};  // 80 bytes
  CHECK(yours(one, 4, 2, 90) == Size(32));
  CHECK(yours(one, 4, 2, 86) == Size(64));
  CHECK(yours(one, 4, 2, 85) == Size(96));
  CHECK(yours(one, 4, 2, 83) == Size(160));
  CHECK(yours(one, 4, 2, 82) == Size(160));
  CHECK(yours(one, 4, 2, 81) == std::nullopt);
}

TEST_CASE("17.3 the last size worth trying is not below the longest row") {
  const Layers one = {{1, 33}};  // 17 bytes of integers
  CHECK(yours(one, 4, 2, 21) == Size(32));
  CHECK(yours(one, 4, 2, 20) == Size(64));
  CHECK(yours(one, 4, 2, 19) == Size(64));
  CHECK(yours(one, 4, 2, 18) == std::nullopt);
}

TEST_CASE("17.3 every row begins at a byte, and has scales of its own") {
  const Layers rows = {{10, 3}};  // 3 bits: 9 bits, 2 bytes a row, where 90 bits are 12 bytes
  CHECK(yours(rows, 3, 2, 40) == Size(32));
  CHECK(yours(rows, 3, 2, 39) == std::nullopt);
}

TEST_CASE("17.3 the MLP: scales of 2 bytes, of 4 bytes") {
  // Integers of 4 bits: 44 700 bytes. At 128: 810 scales, at 64: 1520, at 32: 2940.
  CHECK(yours(kMlp, 4, 2, 44700 + 2 * 2940) == Size(32));
  CHECK(yours(kMlp, 4, 2, 44700 + 2 * 2939) == Size(64));
  CHECK(yours(kMlp, 4, 2, 44700 + 2 * 1520) == Size(64));
  CHECK(yours(kMlp, 4, 4, 44700 + 2 * 1520) == Size(160));  // 760 fit; at 160 there are 610
  CHECK(yours(kMlp, 4, 4, 44700 + 4 * 810) == Size(128));
  CHECK(yours(kMlp, 4, 4, 44700 + 4 * 210) == Size(800));  // one scale a row
  CHECK(yours(kMlp, 4, 4, 44700 + 4 * 210 - 1) == std::nullopt);
  CHECK(yours(kMlp, 2, 2, 22350 + 2 * 2940) == Size(32));
}

TEST_CASE("17.3 scales of no bytes, and no layers") {
  CHECK(yours(kMlp, 4, 0, 44700) == Size(32));
  CHECK(yours(kMlp, 4, 0, 44699) == std::nullopt);
  CHECK(yours({}, 4, 2, 0) == Size(32));
}

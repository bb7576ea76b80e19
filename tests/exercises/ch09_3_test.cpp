// Judges exercise 9.3.
#include "3_fewer_and_fewer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(4209);

namespace {

std::vector<int> schedule(int epochs, int from, int to) {
  std::vector<int> bits;
  for (int epoch = 1; epoch <= epochs; ++epoch)
    bits.push_back(exercise::bits_at(epoch, epochs, from, to));
  return bits;
}

}  // namespace

TEST_CASE("9.3 as many epochs as stages, or twice as many") {
  CHECK(schedule(3, 4, 2) == std::vector<int>{4, 3, 2});
  CHECK(schedule(6, 4, 2) == std::vector<int>{4, 4, 3, 3, 2, 2});
  CHECK(schedule(4, 3, 3) == std::vector<int>{3, 3, 3, 3});
}

TEST_CASE("9.3 never up, always at the end, and the stages as equal as can be") {
  for (int from = 2; from <= 8; ++from)
    for (int to = 2; to <= from; ++to)
      for (int epochs = 1; epochs <= 30; ++epochs) {
        INFO(epochs << " epochs from " << from << " to " << to << " bits");
        const std::vector<int> bits = schedule(epochs, from, to);
        CHECK(std::ranges::is_sorted(bits, std::greater<>()));
        CHECK(bits.back() == to);
        CHECK(bits.front() <= from);
        std::map<int, int> length;
        for (int b : bits) ++length[b];
        int shortest = epochs, longest = 0;
        for (const auto& [b, count] : length) {
          shortest = std::min(shortest, count);
          longest = std::max(longest, count);
        }
        CHECK(longest - shortest <= 1);
        INFO(length.size() << " numbers of bits");
        CHECK(static_cast<int>(length.size()) == std::min(epochs, from - to + 1));
      }
}

TEST_CASE("9.3 the interval stays") {
  const auto near = [](float got, float expected) {  // two roundings, in whatever order
    return std::fabs(got - expected) <= 0x1p-22F * expected;
  };
  CHECK(near(exercise::keep_interval(0.5F, 8, 4), 8.5F));  // 255 / 15 = 17
  CHECK(near(exercise::keep_interval(0.25F, 4, 2), 1.25F));
  CHECK(near(exercise::keep_interval(3.0F, 5, 5), 3.0F));
  CHECK(near(exercise::keep_interval(17.0F, 4, 8), 1.0F));
  CHECK(near(exercise::keep_interval(1e-6F, 8, 7), 1e-6F * 255.0F / 127.0F));
  CHECK(near(exercise::keep_interval(6.0F, 2, 1), 18.0F));
}

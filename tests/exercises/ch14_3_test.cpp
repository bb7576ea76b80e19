// Judges exercise 14.3.
#include "3_accumulator_bits.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(34);

namespace {

using Row = std::vector<std::int8_t>;
using Layer = qfs::Matrix<std::int8_t>;

int bits(const Row& w, std::int32_t x_max) { return exercise::bits_of_output(w, x_max); }

// 2^(P-1) is the first number that P bits do not hold, and -2^(P-1) the last that they do.
bool holds(int bits, std::int64_t sum) {
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return -half <= sum && sum < half;
}

// By trying inputs: the sum is a straight line in each, so that it is largest and smallest where
// every input is 0 or x_max.
int expected(const Row& w, std::int32_t x_max) {
  int width = 1;
  for (std::size_t inputs = 0; inputs < std::size_t{1} << w.size(); ++inputs) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < w.size(); ++k)
      sum += (inputs >> k & 1) != 0 ? std::int64_t{w[k]} * x_max : 0;
    while (!holds(width, sum)) ++width;
  }
  return width;
}

Row random_row(qfs::Rng& rng, std::size_t length, int largest) {
  Row w(length);
  for (std::int8_t& weight : w)
    weight = static_cast<std::int8_t>(
        static_cast<int>(rng.below(static_cast<std::uint64_t>(2 * largest + 1))) - largest);
  return w;
}

// Empty, or the first of random rows for which the answer is another.
std::string first_difference(std::int32_t x_max, int largest) {
  qfs::Rng rng(static_cast<std::uint64_t>(x_max) * 1000 + static_cast<std::uint64_t>(largest));
  for (int i = 0; i < 300; ++i) {
    const Row w = random_row(rng, rng.below(10), largest);
    const int got = bits(w, x_max), wanted = expected(w, x_max);
    if (got == wanted) continue;
    std::string text = "x_max = " + std::to_string(x_max) + ", w =";
    for (std::int8_t weight : w) text += " " + std::to_string(weight);
    return text + ": got " + std::to_string(got) + ", expected " + std::to_string(wanted);
  }
  return "";
}

Row backwards(Row w) {
  std::ranges::reverse(w);
  return w;
}

Row sorted(Row w) {
  std::ranges::sort(w);
  return w;
}

}  // namespace

TEST_CASE("14.3 on paper: the ends") {
  CHECK(bits({127}, 1) == 8);
  CHECK(bits({127, 1}, 1) == 9);  // 128
  CHECK(bits({-128}, 1) == 8);    // -128 is the end
  CHECK(bits({-128, -1}, 1) == 9);
  CHECK(bits(Row(128, 2), 128) == 17);   // 32 768
  CHECK(bits(Row(128, -2), 128) == 16);  // -32 768
  CHECK(bits(Row(128, 1), 255) == 16);   // 32 640
  CHECK(bits(Row(129, 1), 255) == 17);   // 32 895
}

TEST_CASE("14.3 on paper: either sign on its own") {
  CHECK(bits({100, -100, 100, -100}, 255) == 17);  // 51 000, though all four make 0
  CHECK(bits({64, -64}, 255) == 15);               // 16 320, and not twice that
  CHECK(bits({1, -128, -128}, 127) == 16);         // -32 512
  CHECK(bits({127, 127, -1}, 127) == 16);
}

TEST_CASE("14.3 no weights, zeros, the smallest") {
  CHECK(bits({}, 255) == 1);
  CHECK(bits({0, 0, 0}, 255) == 1);
  CHECK(bits({-1}, 1) == 1);  // one bit: -1 and 0
  CHECK(bits({1}, 1) == 2);
  CHECK(bits({-1, -1}, 1) == 2);
  CHECK(bits({-1}, 255) == 9);
}

TEST_CASE("14.3 more than 32 bits") {
  CHECK(bits(Row(66'000, 127), 255) == 32);   // 2 137 410 000
  CHECK(bits(Row(70'000, 127), 255) == 33);   // 2 266 950 000
  CHECK(bits(Row(65'536, -128), 256) == 32);  // -2^31
  CHECK(bits(Row(65'537, -128), 256) == 33);
  CHECK(bits(Row(100'000, 127), 65'535) == 41);  // 8.3e11, and 2^40 is 1.1e12
}

TEST_CASE("14.3 the order does not matter") {
  const Row w = {127, -128, 127, 5, -128, -128, 90, 1};
  CHECK(bits(backwards(w), 255) == bits(w, 255));
  CHECK(bits(sorted(w), 255) == bits(w, 255));
  CHECK(bits(backwards(sorted(w)), 255) == 18);  // 89 250 and -97 920
}

TEST_CASE("14.3 as all inputs say: rows up to 9") {
  CHECK(first_difference(1, 128 - 1) == "");
  CHECK(first_difference(1, 2) == "");
  CHECK(first_difference(127, 127) == "");
  CHECK(first_difference(255, 20) == "");
}

TEST_CASE("14.3 a layer is as wide as its widest output") {
  CHECK(exercise::bits_of_layer(Layer{{1, 1}, {127, 127}, {-1, 0}}, 255) == 17);  // 64 770
  CHECK(exercise::bits_of_layer(Layer{{-128, -128}, {1, 1}, {3, -3}}, 1) == 9);   // -256
  CHECK(exercise::bits_of_layer(Layer{{1, 0}, {0, 0}, {-2, -2}}, 1) == 3);        // the last
  CHECK(exercise::bits_of_layer(qfs::make_tensor<std::int8_t>({0, 4}), 255) == 1);
}

// Judges exercise 11.1.
#include "1_deepest.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(30);

namespace {

using Row = std::vector<std::int8_t>;

std::size_t yours(const Row& w, std::int32_t x_max) { return exercise::deepest(w, x_max); }

// Whether the sums of all blocks fit, by the sums of the weights of either sign.
bool fits_by_signs(const Row& w, std::int64_t x_max, std::size_t d) {
  std::int64_t positive = 0, negative = 0;
  for (std::size_t k = 0; k < w.size(); ++k) {
    if (k % d == 0) positive = negative = 0;
    (w[k] > 0 ? positive : negative) += w[k];
    if (x_max * positive > 32767 || x_max * negative < -32768) return false;
  }
  return true;
}

// The same by trying inputs: with the others held still the sum is a straight line in each input,
// so that it is largest and smallest where every input is 0 or x_max. 2^length of them.
bool fits_by_inputs(const Row& w, int x_max, std::size_t d) {
  for (std::size_t inputs = 0; inputs < std::size_t{1} << w.size(); ++inputs) {
    int sum = 0;
    for (std::size_t k = 0; k < w.size(); ++k) {
      if (k % d == 0) sum = 0;
      sum += (inputs >> k & 1) != 0 ? x_max * w[k] : 0;
      if (sum > 32767 || sum < -32768) return false;
    }
  }
  return true;
}

std::size_t expected(const Row& w, int x_max, auto fits) {
  std::size_t d = w.size();
  while (d > 0 && !fits(w, x_max, d)) --d;
  return d;
}

std::string text_of(const Row& w, int x_max) {
  std::string text = "x_max = " + std::to_string(x_max) + ", w =";
  for (std::int8_t weight : w) text += " " + std::to_string(weight);
  return text;
}

// Weights from -largest to largest, half of them 0: so the blocks of one depth fit by luck, and
// those of a smaller one do not.
Row random_row(qfs::Rng& rng, std::size_t length, int largest) {
  Row w(length);
  for (std::int8_t& weight : w) {
    const auto values = static_cast<std::uint64_t>(2 * largest + 1);
    const int value = static_cast<int>(rng.below(values)) - largest;
    weight = static_cast<std::int8_t>(rng.below(2) == 0 ? 0 : value);
  }
  return w;
}

// Empty, or the first of random rows for which the answer is another.
std::string first_difference(std::size_t longest, int largest, int x_max, auto fits) {
  qfs::Rng rng(longest * 1000 + static_cast<std::size_t>(largest));
  for (int i = 0; i < 300; ++i) {
    const Row w = random_row(rng, 1 + rng.below(longest), largest);
    const std::size_t got = yours(w, x_max), wanted = expected(w, x_max, fits);
    if (got != wanted)
      return text_of(w, x_max) + ": got " + std::to_string(got) + ", expected " +
             std::to_string(wanted);
  }
  return "";
}

}  // namespace

TEST_CASE("11.1 on paper: one sign") {
  CHECK(yours(Row(6, 127), 127) == 2);  // 2 * 127 * 127 = 32 258, and 3 are 48 387
  CHECK(yours(Row(6, -127), 127) == 2);
  CHECK(yours(Row(6, 127), 255) == 1);
  CHECK(yours(Row(9, 64), 127) == 4);     // 4 * 127 * 64 = 32 512
  CHECK(yours(Row(100, 1), 255) == 100);  // 25 500: the whole row
}

TEST_CASE("11.1 on paper: the two ends") {
  CHECK(yours(Row(8, 64), 128) == 3);   // 4 * 128 * 64 = 32 768 is one too much
  CHECK(yours(Row(8, -64), 128) == 4);  // and -32 768 fits
  CHECK(yours(Row(8, 64), 127) == 4);
  CHECK(yours(Row(8, -65), 126) == 4);  // -32 760
  CHECK(yours(Row(40, -128), 1) == 40);
}

TEST_CASE("11.1 on paper: both signs") {
  // The inputs may pick the positive weights alone: 100 + 100 is too much at 255, though all four
  // make 0.
  CHECK(yours({100, -100, 100, -100}, 255) == 2);
  CHECK(yours({120, -120, 100, -100}, 127) == 4);  // 220 of either sign, of 258
  CHECK(yours({-128, 127, -1, 127}, 127) == 4);    // 127 * 254 = 32 258, 127 * -129
}

TEST_CASE("11.1 no weights, one, zeros") {
  CHECK(yours({}, 255) == 0);
  CHECK(yours({-128}, 255) == 1);
  CHECK(yours(Row(7, 0), 255) == 7);
}

TEST_CASE("11.1 the last block is shorter, and counts") {
  CHECK(yours({0, 0, 0, 0, 100, 100}, 255) == 5);    // 4: 100 + 100 in the last block
  CHECK(yours({100, 0, 0, 0, 100, 100}, 255) == 1);  // 2, 3, 4 fail there alone, 5 in the first
  CHECK(yours({0, 0, 0, 100, 100}, 255) == 4);       // 3 and 5 do not fit
}

TEST_CASE("11.1 a smaller depth may fail where a larger one fits") {
  CHECK(yours({0, 0, 0, 100, 0, 100}, 255) == 5);  // 3 fails; 4 and 5 fit
  // 4 and 5, in the middle, fail; 7 fits. A search by halves ends at 3.
  CHECK(yours({0, 0, 0, 0, 0, 100, 0, 100}, 255) == 7);
  CHECK(yours({0, 0, 0, 0, 0, -100, 0, -100}, 255) == 7);
  // The first block holds both, however long it is.
  CHECK(yours({100, 100, 0, 0, 0, 0, 0, 0, 0}, 255) == 1);
}

TEST_CASE("11.1 all blocks count, and no others") {
  Row w(64, 1);
  w[62] = w[63] = 127;  // the last two, in one block at every even d
  CHECK(yours(w, 127) == 63);
  w[62] = 1;
  w[31] = w[32] = 127;  // parted by blocks of 16; with w[63] too much for blocks of 32
  CHECK(yours(w, 127) == 16);
}

TEST_CASE("11.1 as all inputs say: rows up to 9") {
  CHECK(first_difference(9, 127, 255, fits_by_inputs) == "");
  CHECK(first_difference(9, 127, 127, fits_by_inputs) == "");
}

TEST_CASE("11.1 as the sums of either sign say: rows up to 200") {
  CHECK(first_difference(40, 127, 255, fits_by_signs) == "");
  CHECK(first_difference(200, 60, 127, fits_by_signs) == "");
  CHECK(first_difference(200, 8, 255, fits_by_signs) == "");
}

// Judges exercise 14.1.
#include "1_l1_bound.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(26);

namespace {

using Row = std::vector<double>;

Row projected(Row row, double most) {
  exercise::project_l1(row, most);
  return row;
}

double l1(const Row& row) {
  double sum = 0.0;
  for (double w : row) sum += std::fabs(w);
  return sum;
}

// Whether integers of this norm overflow, by trying the worst: all of it in one weight, or shared
// by two of one sign or of both, with inputs of 0 or 2^N - 1.
bool overflows(std::int64_t norm, int input_bits, int accumulator_bits) {
  const std::int64_t x_max = (std::int64_t{1} << input_bits) - 1;
  const std::int64_t highest = (std::int64_t{1} << (accumulator_bits - 1)) - 1;
  for (std::int64_t first = 0; first <= norm; ++first)
    for (int signs = 0; signs < 4; ++signs)
      for (int inputs = 0; inputs < 4; ++inputs) {
        const std::int64_t a = (signs & 1) != 0 ? first : -first;
        const std::int64_t b = (signs & 2) != 0 ? norm - first : first - norm;
        const std::int64_t sum =
            ((inputs & 1) != 0 ? x_max * a : 0) + ((inputs & 2) != 0 ? x_max * b : 0);
        if (sum > highest || sum < -highest - 1) return true;
      }
  return false;
}

// Empty, or the first of all small widths for which the norm is another.
std::string first_wrong_norm() {
  for (int input_bits = 1; input_bits <= 8; ++input_bits)
    for (int accumulator_bits = 2; accumulator_bits <= 9; ++accumulator_bits) {
      std::int64_t expected = 0;
      while (!overflows(expected + 1, input_bits, accumulator_bits)) ++expected;
      const std::int64_t got = exercise::largest_l1(input_bits, accumulator_bits);
      if (got != expected)
        return "N = " + std::to_string(input_bits) + ", P = " + std::to_string(accumulator_bits) +
               ": got " + std::to_string(got) + ", expected " + std::to_string(expected);
    }
  return "";
}

// The nearest point: every |w| less one step, which is found by halving an interval that holds it.
Row nearest(Row row, double most) {
  if (l1(row) <= most) return row;
  const auto shrunk = [&](double step) {
    Row result = row;
    for (double& w : result) w = std::copysign(std::max(std::fabs(w) - step, 0.0), w);
    return result;
  };
  double low = 0.0, high = l1(row);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2.0;
    (l1(shrunk(middle)) > most ? low : high) = middle;
  }
  return shrunk(high);
}

// Empty, or the first weight that is another. Whoever adds in another order, or halves intervals,
// ends within 1e-13 of the norm or so; a step that is wrong differs by far more than 1e-9.
std::string difference(const Row& got, const Row& expected, double norm) {
  for (std::size_t k = 0; k < expected.size(); ++k)
    if (!(std::fabs(got[k] - expected[k]) <= 1e-9 * norm))
      return "weight " + std::to_string(k) + " of " + std::to_string(expected.size()) + ": got " +
             std::to_string(got[k]) + ", expected " + std::to_string(expected[k]);
  return "";
}

std::string on_paper(const Row& row, double most, const Row& expected) {
  return difference(projected(row, most), expected, l1(row));
}

// Empty, or the first of random rows that ends elsewhere.
std::string first_difference(double share_of_norm, std::uint64_t seed) {
  qfs::Rng rng(seed);
  for (int i = 0; i < 200; ++i) {
    Row row(1 + rng.below(100));
    for (double& w : row) w = rng.normal() * (rng.below(8) == 0 ? 8.0 : 1.0);
    const double most = share_of_norm * l1(row);
    const std::string text = difference(projected(row, most), nearest(row, most), l1(row));
    if (!text.empty()) return text;
  }
  return "";
}

}  // namespace

TEST_CASE("14.1 on paper: the largest norm") {
  CHECK(exercise::largest_l1(8, 16) == 128);  // 32 767 / 255 = 128.5
  CHECK(exercise::largest_l1(7, 16) == 258);
  CHECK(exercise::largest_l1(8, 9) == 1);  // 255 / 255
  CHECK(exercise::largest_l1(8, 8) == 0);  // not one weight of 1
  CHECK(exercise::largest_l1(1, 8) == 127);
  CHECK(exercise::largest_l1(1, 2) == 1);
}

TEST_CASE("14.1 the largest norm of wide accumulators") {
  CHECK(exercise::largest_l1(8, 32) == 8'421'504);  // 2 147 483 647 / 255
  CHECK(exercise::largest_l1(1, 32) == 2'147'483'647);
  CHECK(exercise::largest_l1(16, 32) == 32'768);
  CHECK(exercise::largest_l1(4, 24) == 559'240);
}

TEST_CASE("14.1 the largest norm, as all worst inputs say") { CHECK(first_wrong_norm() == ""); }

TEST_CASE("14.1 on paper: the nearest point") {
  CHECK(on_paper({5, -3, 1}, 6, {4, -2, 0}) == "");    // each less 1
  CHECK(on_paper({5, -3, 1}, 4, {3, -1, 0}) == "");    // less 2, and the 1 is gone
  CHECK(on_paper({-10, 1, -1}, 5, {-5, 0, 0}) == "");  // less 5
  CHECK(on_paper({2, -2, 2, -2}, 4, {1, -1, 1, -1}) == "");
  CHECK(on_paper({0, 0, -8}, 2, {0, 0, -2}) == "");
}

TEST_CASE("14.1 what fits stays as it is") {
  CHECK(projected({0.5, -0.25}, 1) == Row{0.5, -0.25});
  CHECK(projected({0.5, -0.5}, 1) == Row{0.5, -0.5});  // full to the brim
  CHECK(projected({0.1, -0.7, 0.3}, 1e9) == Row{0.1, -0.7, 0.3});
  CHECK(projected({}, 1).empty());
  CHECK(projected({0, 0}, 0) == Row{0, 0});
}

TEST_CASE("14.1 nothing may be left") { CHECK(on_paper({3, -2, 0.5}, 0, {0, 0, 0}) == ""); }

TEST_CASE("14.1 as halving finds it") {
  CHECK(first_difference(0.9, 1) == "");
  CHECK(first_difference(0.5, 2) == "");
  CHECK(first_difference(0.1, 3) == "");
  CHECK(first_difference(1.1, 4) == "");
}

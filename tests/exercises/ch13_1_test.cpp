// Judges exercise 13.1.
#include "1_fused_relu6.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "02_integer_products/requantize.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(31);

namespace {

using Sums = std::vector<std::int32_t>;
using Multipliers = std::vector<float>;
using Bytes = std::vector<int>;

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

// Empty where bytes beside the row have changed.
Bytes yours(const Sums& sums, const Multipliers& multiplier, qfs::QuantParams output) {
  constexpr std::size_t kBeside = 40;
  std::vector<std::uint8_t> y(sums.size() + 2 * kBeside, 77);
  exercise::to_u8_relu6(sums, multiplier, output, std::span(y).subspan(kBeside, sums.size()));
  for (std::size_t i = 0; i < kBeside; ++i)
    if (y[i] != 77 || y[y.size() - 1 - i] != 77) return {};
  return Bytes(y.begin() + kBeside, y.end() - kBeside);
}

// All with one multiplier.
Bytes yours(const Sums& sums, float multiplier, qfs::QuantParams output) {
  return yours(sums, Multipliers(sums.size(), multiplier), output);
}

// By chapter 02's rule, clamped to what chapter 07 says of 0 and 6.
Bytes expected(const Sums& sums, const Multipliers& multiplier, qfs::QuantParams output) {
  const qfs::QuantRange bytes = qfs::unsigned_range(8);
  const qfs::QuantRange range{qfs::quantize_value(0.0F, output, bytes),
                              qfs::quantize_value(6.0F, output, bytes)};
  Bytes y;
  for (std::size_t n = 0; n < sums.size(); ++n)
    y.push_back(qfs::requantize_float(sums[n], multiplier[n], output.zero_point, range));
  return y;
}

std::string difference(const Sums& sums, const Multipliers& multiplier, qfs::QuantParams output) {
  const Bytes got = yours(sums, multiplier, output), wanted = expected(sums, multiplier, output);
  if (got.size() != wanted.size()) return "bytes beside the row have changed";
  for (std::size_t n = 0; n < wanted.size(); ++n)
    if (got[n] != wanted[n])
      return "scale " + std::to_string(output.scale) + ", zero point " +
             std::to_string(output.zero_point) + ", sum " + std::to_string(sums[n]) + " times " +
             std::to_string(multiplier[n]) + ": got " + std::to_string(got[n]) + ", expected " +
             std::to_string(wanted[n]);
  return "";
}

// Sums of all sizes with multipliers from 2^-20 to 2^3, in a layer of a scale and a zero point.
std::string random_difference(qfs::QuantParams output, std::size_t length) {
  qfs::Rng rng(length + static_cast<std::size_t>(output.zero_point));
  Sums sums(length);
  Multipliers multiplier(length);
  for (std::size_t n = 0; n < length; ++n) {
    sums[n] = static_cast<std::int32_t>(static_cast<std::uint32_t>(rng.below(1ULL << 32))) >>
              rng.below(28);
    const float fraction = 1.0F + static_cast<float>(rng.below(1 << 20)) * 0x1p-20F;
    multiplier[n] = std::ldexp(fraction, static_cast<int>(rng.below(24)) - 20);
  }
  return difference(sums, multiplier, output);
}

}  // namespace

TEST_CASE("13.1 on paper: six at a scale of 1/16") {
  // 6 is 96 steps.
  CHECK(yours({0, 1, 95, 96, 97, 1000, -1, -1000}, 1.0F, {0.0625F, 0}) ==
        Bytes{0, 1, 95, 96, 96, 96, 0, 0});
  CHECK(yours({0, 1, 95, 96, 97, 1000, -1, -1000}, 1.0F, {0.0625F, 10}) ==
        Bytes{10, 11, 105, 106, 106, 106, 10, 10});
  CHECK(yours({160, 1600, 15360}, 0.0625F, {0.0625F, 0}) == Bytes{10, 96, 96});
}

TEST_CASE("13.1 on paper: halves go to the even neighbour, the zero point comes afterwards") {
  const Sums sums = {1, 3, 5, 7, 189, 191, 193};  // times 1/2: 0.5, 1.5, 2.5, 3.5, 94.5, 95.5, 96.5
  CHECK(yours(sums, 0.5F, {0.0625F, 0}) == Bytes{0, 2, 2, 4, 94, 96, 96});
  CHECK(yours(sums, 0.5F, {0.0625F, 1}) == Bytes{1, 3, 3, 5, 95, 97, 97});
}

TEST_CASE("13.1 the integer of six is rounded, halves to even") {
  CHECK(yours({kMax}, 1.0F, {0.08F, 0}) == Bytes{75});              // 75.0
  CHECK(yours({kMax}, 1.0F, {0.09F, 0}) == Bytes{67});              // 66.7
  CHECK(yours({kMax}, 1.0F, {0.07F, 0}) == Bytes{86});              // 85.7
  CHECK(yours({kMax}, 1.0F, {4.0F, 0}) == Bytes{2});                // 1.5
  CHECK(yours({kMax}, 1.0F, {12.0F, 0}) == Bytes{0});               // 0.5
  CHECK(yours({kMax}, 1.0F, {4.0F, 7}) == Bytes{9});                // 1.5, and 7
  CHECK(yours({kMax, 1, 2}, 1.0F, {100.0F, 3}) == Bytes{3, 3, 3});  // nothing is left of it
}

TEST_CASE("13.1 where six lies beyond the bytes") {
  CHECK(yours({254, 255, 256, 300, kMax}, 1.0F, {0.01F, 0}) == Bytes{254, 255, 255, 255, 255});
  CHECK(yours({10, 55, 56, 96, 97}, 1.0F, {0.0625F, 200}) == Bytes{210, 255, 255, 255, 255});
  CHECK(yours({-1, 0, 1}, 1.0F, {0.0625F, 255}) == Bytes{255, 255, 255});
}

TEST_CASE("13.1 far beyond 32 bits") {
  CHECK(yours({kMax, kMin, 1, -1, 0}, 0x1p20F, {0.0625F, 0}) == Bytes{96, 0, 96, 0, 0});
  CHECK(yours({kMax, kMin, 1, -1, 0}, 0x1p90F, {0.0625F, 5}) == Bytes{101, 5, 101, 5, 5});
  CHECK(yours({kMax, kMin}, 1.0F, {0.0625F, 0}) == Bytes{96, 0});
  CHECK(yours({kMax, kMin}, 0x1p127F, {0.0625F, 0}) == Bytes{96, 0});  // infinity
}

TEST_CASE("13.1 in float, as chapter 02 does it") {
  // 2^24 + 1 is no float: it becomes 2^24. And 16777219 becomes 16777220.
  CHECK(yours({16777217}, 1.5F * 0x1p-23F, {0.0625F, 0}) == Bytes{3});
  CHECK(difference({16777219, 33554435, 67108871}, {0x1p-19F, 0x1p-20F, 0x1p-21F}, {0.0625F, 0}) ==
        "");
  // 0.1 as a float times 5 is rounded to 0.5, a tie; the exact product is a little above.
  CHECK(yours({5, 15, 25}, 0.1F, {0.0625F, 0}) == Bytes{0, 2, 2});
}

TEST_CASE("13.1 a multiplier for each output") {
  CHECK(yours({10, 10, 10, 10, 10}, {0.1F, 1.0F, 2.0F, 9.6F, 50.0F}, {0.0625F, 3}) ==
        Bytes{4, 13, 23, 99, 99});
}

TEST_CASE("13.1 no sums, and every length") {
  CHECK(yours(Sums{}, Multipliers{}, {0.0625F, 0}) == Bytes{});
  std::string first;
  for (std::size_t length = 1; length <= 70 && first.empty(); ++length)
    first = random_difference({0.03F, 12}, length);
  CHECK(first == "");
}

TEST_CASE("13.1 as chapter 02's rule says: layers of any scale") {
  for (qfs::QuantParams output : std::array<qfs::QuantParams, 6>{
           {{0.0235F, 0}, {0.0235F, 128}, {0.1F, 33}, {1e-3F, 0}, {0.5F, 1}, {3.0F, 255}}}) {
    INFO("scale " << output.scale << ", zero point " << output.zero_point);
    CHECK(random_difference(output, 20000) == "");
  }
}

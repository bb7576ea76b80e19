// Judges exercise 13.3.
#include "3_quantize_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/outcome.hpp"
#include "tests/exercises/speed.hpp"
#include "tests/support/guarded_array.hpp"

const qfs::test::Assertions kAssertions(52 + QFS_SPEED_IS_JUDGED);

namespace {

using qfs::QuantParams;
using qfs::test::Against;
using Reals = std::vector<float>;
using Bytes = std::vector<int>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// With room on both sides: what lies outside is judged between pages that may not be touched.
Bytes yours(const Reals& x, QuantParams params) {
  constexpr std::size_t kBeside = 64;
  Reals row(x.size() + 2 * kBeside);
  std::vector<std::uint8_t> q(row.size());
  std::ranges::copy(x, row.begin() + kBeside);
  exercise::quantize_row(row.data() + kBeside, x.size(), params, q.data() + kBeside);
  return Bytes(q.begin() + kBeside, q.end() - kBeside);
}

void plain_row(const float* x, std::size_t count, QuantParams params, std::uint8_t* q) {
  for (std::size_t i = 0; i < count; ++i)
    q[i] = static_cast<std::uint8_t>(qfs::quantize_value(x[i], params, qfs::unsigned_range(8)));
}

std::string difference(const Reals& x, QuantParams params) {
  const Bytes got = yours(x, params);
  std::vector<std::uint8_t> wanted(x.size());
  plain_row(x.data(), x.size(), params, wanted.data());
  for (std::size_t i = 0; i < x.size(); ++i)
    if (got[i] != wanted[i])
      return "number " + std::to_string(i) + " of " + std::to_string(x.size()) + ", " +
             std::to_string(x[i]) + ", scale " + std::to_string(params.scale) + ", zero point " +
             std::to_string(params.zero_point) + ": got " + std::to_string(got[i]) + ", expected " +
             std::to_string(wanted[i]);
  return "";
}

// Numbers a little beyond both ends of the range; every fourth a tie, or a float beside one.
Reals random_reals(std::size_t count, QuantParams params, std::uint64_t seed) {
  qfs::Rng rng(seed);
  Reals x(count);
  for (float& number : x) {
    const float steps = static_cast<float>(rng.below(300 << 12)) * 0x1p-12F - 20.0F;
    const float real = params.scale * (steps - static_cast<float>(params.zero_point));
    const float tie =
        params.scale * (std::floor(steps) + 0.5F - static_cast<float>(params.zero_point));
    const float direction = rng.below(2) == 0 ? kInfinity : -kInfinity;
    number = rng.below(4) != 0 ? real : rng.below(2) == 0 ? tie : std::nextafter(tie, direction);
  }
  return x;
}

// Any bits are a float: numbers of all sizes, infinities, NaN of all kinds.
Reals random_bits(std::size_t count) {
  qfs::Rng rng(7);
  Reals x(count);
  for (float& number : x)
    number = std::bit_cast<float>(static_cast<std::uint32_t>(rng.below(1ULL << 32)));
  return x;
}

std::string first_length_that_differs(QuantParams params) {
  for (std::size_t count = 0; count <= 200; ++count)
    if (std::string text = difference(random_reals(count, params, count), params); !text.empty())
      return text;
  return "";
}

// The number at each of 70 places, among others.
std::string at_every_place(float number, QuantParams params) {
  for (std::size_t place = 0; place < 70; ++place) {
    Reals x = random_reals(70, params, place);
    x[place] = number;
    if (std::string text = difference(x, params); !text.empty()) return text;
  }
  return "";
}

// The arrays begin at a page that may not be touched, or end at one.
void run_between_pages(std::size_t count) {
  for (Against side : {Against::first_page, Against::last_page}) {
    const qfs::test::GuardedArray<float> x(Reals(count, 1.0F), side);
    const qfs::test::GuardedArray<std::uint8_t> q(count, side);
    exercise::quantize_row(x.data(), count, {0.1F, 3}, q.data());
    qfs::require(q.intact(), "bytes beside the row have changed", "", "", "");
  }
}

}  // namespace

TEST_CASE("13.3 this exercise needs a CPU with AVX2") {
  INFO("this machine's has none: " << qfs::cpu_text());
  REQUIRE(qfs::cpu_features().avx2);
}

TEST_CASE("13.3 on paper: halves go to the even neighbour, the zero point comes afterwards") {
  const Reals x = {0.0F, 0.25F, 0.75F, 1.25F, 1.75F, -0.25F, -0.75F, -1.25F};  // steps of 1/2
  CHECK(yours(x, {0.5F, 10}) == Bytes{10, 10, 12, 12, 14, 10, 8, 8});
  CHECK(yours(x, {0.5F, 11}) == Bytes{11, 11, 13, 13, 15, 11, 9, 9});
  CHECK(yours(x, {0.5F, 0}) == Bytes{0, 0, 2, 2, 4, 0, 0, 0});
  CHECK(yours({-0.0F}, {0.5F, 10}) == Bytes{10});
}

TEST_CASE("13.3 on paper: the ends of the range") {
  CHECK(yours({254.0F, 255.0F, 255.4F, 256.0F, -1.0F, 300.0F}, {1.0F, 0}) ==
        Bytes{254, 255, 255, 255, 0, 255});
  CHECK(yours({244.0F, 245.0F, 246.0F, -10.0F, -11.0F, -10.6F}, {1.0F, 10}) ==
        Bytes{254, 255, 255, 0, 0, 0});
  CHECK(yours({1.0F, 0.0F, -255.0F, -254.0F, -256.0F}, {1.0F, 255}) == Bytes{255, 255, 0, 1, 0});
}

TEST_CASE("13.3 what no integer holds") {
  CHECK(yours({1e30F, -1e30F, 3e9F, -3e9F, 4e9F, 40000.0F, -40000.0F}, {1.0F, 10}) ==
        Bytes{255, 0, 255, 0, 255, 255, 0});
  CHECK(yours({kInfinity, -kInfinity}, {1.0F, 10}) == Bytes{255, 0});
  CHECK(yours({kNaN, -kNaN}, {1.0F, 10}) == Bytes{10, 10});
  CHECK(yours({kNaN, -kNaN}, {1.0F, 0}) == Bytes{0, 0});
  CHECK(yours({kNaN, -kNaN}, {1.0F, 255}) == Bytes{255, 255});
  CHECK(yours({3e38F, -3e38F}, {1e-6F, 128}) == Bytes{255, 0});  // infinity steps
}

TEST_CASE("13.3 the same at every place of a row") {
  for (float number : {kNaN, kInfinity, -kInfinity, 1e30F, -1e30F, -0.0F}) {
    INFO("number " << number);
    CHECK(at_every_place(number, {0.05F, 77}) == "");
  }
}

TEST_CASE("13.3 rows of every length up to 200") {
  CHECK(first_length_that_differs({0.1F, 0}) == "");
  CHECK(first_length_that_differs({0.02F, 128}) == "");
}

TEST_CASE("13.3 nothing outside the arrays") {
  for (std::size_t count : std::vector<std::size_t>{0,  1,  2,  3,  4,  5,  7,  8,  9,  15,
                                                    16, 17, 24, 31, 32, 33, 63, 64, 65, 784}) {
    INFO("count = " << count);
    CHECK(qfs::test::outcome_of([count] { run_between_pages(count); }) == "done");
  }
}

TEST_CASE("13.3 arrays at odd addresses") {
  const Reals x(50, 2.0F);
  std::vector<std::uint8_t> q(50, 9);
  const auto run = [&] { exercise::quantize_row(x.data() + 1, 45, {1.0F, 3}, q.data() + 3); };
  REQUIRE(qfs::test::outcome_of(run) == "done");
  run();
  CHECK(q[2] == 9);
  CHECK(std::vector<std::uint8_t>(q.begin() + 3, q.begin() + 48) ==
        std::vector<std::uint8_t>(45, 5));
  CHECK(q[48] == 9);
}

TEST_CASE("13.3 as chapter 01 says: many numbers, ties and their neighbours") {
  for (QuantParams params : std::array<QuantParams, 5>{
           {{1.0F / 255, 0}, {0.1F, 128}, {0.0123F, 33}, {7e-5F, 255}, {1e10F, 1}}}) {
    INFO("scale " << params.scale);
    CHECK(difference(random_reals(100000, params, 5), params) == "");
  }
}

TEST_CASE("13.3 as chapter 01 says: any 32 bits") {
  CHECK(difference(random_bits(100000), {0.1F, 128}) == "");
}

#if QFS_SPEED_IS_JUDGED
namespace qfs::test {
using QuantizeRow = void(const float*, std::size_t, QuantParams, std::uint8_t*);
extern QuantizeRow* const our_quantize_row;
}  // namespace qfs::test

TEST_CASE("13.3 fast enough: at least 0.8 x of ours") {
  constexpr std::size_t kRows = 64, kLength = 784;
  const QuantParams params{1.0F / 255, 0};
  const Reals x = random_reals(kRows * kLength, params, 1);
  std::vector<std::uint8_t> q(x.size());
  const auto all_rows = [&](qfs::test::QuantizeRow* quantize) {
    return [&, quantize] {
      for (std::size_t r = 0; r < kRows; ++r)
        quantize(x.data() + r * kLength, kLength, params, q.data() + r * kLength);
    };
  };
  CHECK(qfs::test::is_fast_enough({.yours = all_rows(exercise::quantize_row),
                                   .plain = all_rows(plain_row),
                                   .ours = all_rows(qfs::test::our_quantize_row),
                                   .products = kRows * kLength,
                                   .unit = "numbers a nanosecond"}));
}
#endif

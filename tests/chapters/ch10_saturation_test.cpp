// Chapter 10, what a lane of 16 bits does to two products, and for which weights it can.
#include "10_kernel_ladder/saturation.hpp"

#include "10_kernel_ladder/ladder.hpp"
#include "10_kernel_ladder/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

using qfs::add_pair;
using qfs::can_saturate;
using qfs::QuantRange;
using qfs::ladder::Rung;

namespace {

// x0 w0 + x1 w1, not clamped.
constexpr std::int32_t exact(std::int32_t x0, std::int32_t w0, std::int32_t x1, std::int32_t w1) {
  return x0 * w0 + x1 * w1;
}

bool fits_16_bits(std::int32_t value) { return value >= -32768 && value <= 32767; }

Rung rung_that_adds_in(int bits) {
  return {.name = "any", .needs_avx2 = false, .adds_in_16_bits = bits == 16, .run = nullptr};
}

}  // namespace

TEST_CASE("two products at the edges of 16 bits", "[hand]") {
  CHECK(add_pair(255, 127, 255, 127) == 32767);     // 64770
  CHECK(add_pair(255, -128, 255, -128) == -32768);  // -65280
  CHECK(add_pair(255, 127, 2, 127) == 32639);       // 32385 + 254
  CHECK(add_pair(255, 127, 3, 127) == 32766);       // 32385 + 381: the last that fits
  CHECK(add_pair(255, 127, 191, 2) == 32767);       // 32385 + 382: exactly the largest
  CHECK(add_pair(255, 127, 4, 127) == 32767);       // 32893
  CHECK(add_pair(128, -128, 128, -128) == -32768);  // exactly the smallest
  CHECK(add_pair(128, -128, 129, -128) == -32768);  // -32896
  CHECK(add_pair(255, 127, 255, -128) == -255);     // each is large, their sum is not
  CHECK(add_pair(0, -128, 0, 127) == 0);
  CHECK(add_pair(1, -1, 2, 3) == 5);
}

TEST_CASE("a pair can saturate where the brute force of its extremes does", "[prop]") {
  // x0 w0 + x1 w1 grows or falls evenly with each input, so it is extreme where both are.
  for (std::int32_t x_max : {127, 128, 129, 130, 151, 217, 255}) {  // 151 * 217 is 32 767
    std::size_t wrong = 0, count = 0;
    for (std::int32_t w0 = -128; w0 <= 127; ++w0)
      for (std::int32_t w1 = -128; w1 <= 127; ++w1) {
        bool expected = false;
        for (std::int32_t x0 : {0, x_max})
          for (std::int32_t x1 : {0, x_max}) expected |= !fits_16_bits(exact(x0, w0, x1, w1));
        const bool got =
            can_saturate(static_cast<std::int8_t>(w0), static_cast<std::int8_t>(w1), x_max);
        wrong += got != expected ? 1 : 0;
        count += got ? 1 : 0;
      }
    INFO("inputs up to " << x_max);
    CHECK(wrong == 0);
    // 129: w0 + w1 <= -255, which (-128, -127), (-127, -128) and (-128, -128) are (255 * 129 = 32
    // 895). 130: w0 + w1 <= -253, ten pairs (253 * 130 = 32 890), or >= 253, three (127, 126, and
    // both 127).
    if (x_max <= 128) CHECK(count == 0);
    if (x_max == 129) CHECK(count == 3);
    if (x_max == 130) CHECK(count == 13);
  }
}

TEST_CASE("between its extremes a pair never does what they do not", "[prop]") {
  qfs::Rng rng(1011);
  for (int i = 0; i < 64; ++i) {
    const auto w0 = static_cast<std::int8_t>(rng.below(256)),
               w1 = static_cast<std::int8_t>(rng.below(256));
    const auto x_max = static_cast<std::int32_t>(100 + rng.below(156));
    bool changed = false;
    for (std::int32_t x0 = 0; x0 <= x_max; ++x0)
      for (std::int32_t x1 = 0; x1 <= x_max; ++x1)
        changed |= add_pair(static_cast<std::uint8_t>(x0), w0, static_cast<std::uint8_t>(x1), w1) !=
                   exact(x0, w0, x1, w1);
    INFO("weights " << int{w0} << ", " << int{w1} << ", inputs up to " << x_max);
    CHECK(can_saturate(w0, w1, x_max) == changed);
  }
}

TEST_CASE("sums of pairs in 16 bits, by hand", "[hand]") {
  namespace paper = qfs::ch10::paper;
  CHECK(qfs::dot_saturating(paper::kX, paper::kW) == paper::kSumIn16Bits);
  CHECK(qfs::dot_saturating(paper::kX7, paper::kW) == paper::kSum7);
  CHECK(qfs::dot_saturating({}, {}) == 0);
  const std::uint8_t x[] = {255, 255, 255, 255, 255};
  const std::int8_t w[] = {127, 127, -128, -128, 127};
  const auto first = [&](std::size_t n) {
    return qfs::dot_saturating(std::span(x).first(n), std::span(w).first(n));
  };
  CHECK(first(1) == 32385);          // one product always fits
  CHECK(first(2) == 32767);          // not 64770
  CHECK(first(3) == 32767 - 32640);  // the third stands alone
  CHECK(first(4) == -1);             // 32767 - 32768: between the pairs there are 32 bits
  CHECK(first(5) == 32384);
  // Pairs are neighbours 0 and 1, 2 and 3: one place further, and other two meet.
  CHECK(qfs::dot_saturating(std::span(x).subspan(1), std::span(w).subspan(1)) == -255 - 255);
}

TEST_CASE("a sum in 16 bits needs as many weights as inputs", "[hand]") {
  const std::uint8_t x[] = {1, 2, 3};
  const std::int8_t w[] = {1, 2, 3, 4};
  for (std::size_t count : {0U, 2U, 4U})
    CHECK_THROWS_WITH(qfs::dot_saturating(x, std::span(w).first(count)),
                      QFS_CONTAINS("as many weights as inputs"));
  CHECK(qfs::dot_saturating(x, std::span(w).first(3)) == 14);
}

TEST_CASE("pairs that can saturate are counted in rows, two by two", "[hand]") {
  // Pairs of the rows: (127, 127) yes, (127, -128) no; (-128, 1) no, (64, 65) yes. The fifth of a
  // row stands alone. 64 + 65 = 129, and 129 * 255 = 32 895; 128 * 255 = 32 640 fits.
  const qfs::Matrix<std::int8_t> w = {{127, 127, 127, -128, -128}, {-128, 1, 64, 65, 127}};
  CHECK(qfs::count_can_saturate(w, 255) == 2);
  CHECK(qfs::count_can_saturate(w, 254) == 1);  // 129 * 254 = 32 766
  CHECK(qfs::count_can_saturate(w, 129) == 0);  // 254 * 129 = 32 766
  const qfs::Matrix<std::int8_t> of_two = {{65, 64}};
  CHECK(qfs::count_can_saturate(of_two, 255) == 1);
  CHECK(qfs::count_can_saturate(qfs::make_tensor<std::int8_t>({3, 1}, 127), 255) == 0);
  CHECK(qfs::count_can_saturate(qfs::make_tensor<std::int8_t>({0, 4}), 255) == 0);
  CHECK(qfs::count_can_saturate(qfs::make_tensor<std::int8_t>({4, 0}), 255) == 0);
}

TEST_CASE("for which ranges a rung is exact", "[hand]") {
  const Rung in_16 = rung_that_adds_in(16);
  const QuantRange u8 = qfs::unsigned_range(8), u7 = qfs::unsigned_range(7),
                   s8 = qfs::signed_range(8);
  CHECK_FALSE(qfs::is_exact(in_16, u8, s8));                    // 2 * 255 * 128 = 65 280
  CHECK(qfs::is_exact(in_16, u7, s8));                          // 2 * 127 * 128 = 32 512
  CHECK(qfs::is_exact(in_16, {0, 128}, s8));                    // -2 * 128 * 128 = -32 768
  CHECK_FALSE(qfs::is_exact(in_16, {0, 129}, s8));              // -33 024
  CHECK(qfs::is_exact(in_16, {0, 129}, qfs::narrow_range(8)));  // 2 * 129 * 127 = 32 766
  CHECK_FALSE(qfs::is_exact(in_16, {0, 130}, {0, 127}));        // 33 020
  CHECK(qfs::is_exact(in_16, u8, qfs::reduced(s8)));            // 2 * 255 * -64 = -32 640
  CHECK(qfs::is_exact(in_16, u8, {-64, 64}));
  CHECK_FALSE(qfs::is_exact(in_16, u8, {-65, 0}));  // -33 150
  CHECK_FALSE(qfs::is_exact(in_16, u8, {0, 65}));
  CHECK(qfs::is_exact(rung_that_adds_in(32), u8, s8));
}

TEST_CASE("a rung is exact for ranges of which no pair can saturate", "[prop]") {
  const Rung in_16 = rung_that_adds_in(16);
  for (std::int32_t x_max : {1, 127, 128, 129, 130, 200, 254, 255})
    for (std::int32_t w_min = -128; w_min <= 0; ++w_min) {
      std::size_t wrong = 0;
      for (std::int32_t w_max = 0; w_max <= 127; ++w_max) {
        const auto low = static_cast<std::int8_t>(w_min), high = static_cast<std::int8_t>(w_max);
        const bool some = can_saturate(low, low, x_max) || can_saturate(low, high, x_max) ||
                          can_saturate(high, high, x_max);
        wrong += qfs::is_exact(in_16, {0, x_max}, {w_min, w_max}) == some ? 1 : 0;
      }
      CHECK(wrong == 0);
    }
}

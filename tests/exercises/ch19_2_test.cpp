// Judges exercise 19.2.
#include "2_stochastic_rounding.hpp"

#include <limits>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(38);

#ifndef QFS_CH19_2_HELPERS
#define QFS_CH19_2_HELPERS
inline constexpr std::uint32_t kAllOnes = 0xFFFFFFFFU, kHalf = 0x80000000U;
#endif

TEST_CASE("19.2 a number of E5M2 stays what it is") {
  bool same = true;
  for (std::uint32_t code = 0; code < 256; ++code) {
    if ((code & 0x7FU) > 0x7BU) continue;
    for (std::uint32_t random : {0U, kHalf, kAllOnes})
      same = same &&
             exercise::round_stochastically(qfs::decode_float(code, qfs::kE5M2), random) == code;
  }
  CHECK(same);
}

TEST_CASE("19.2 three quarters of the way up: three quarters of the coins") {
  // 0.296875 = 0.25 + 0.75 * 0.0625: codes 0x34 and 0x35, f * 2^32 = 3221225472.
  CHECK(exercise::round_stochastically(0.296875F, 0) == 0x35);
  CHECK(exercise::round_stochastically(0.296875F, 3221225471U) == 0x35);
  CHECK(exercise::round_stochastically(0.296875F, 3221225472U) == 0x34);
  CHECK(exercise::round_stochastically(0.296875F, kAllOnes) == 0x34);
}

TEST_CASE("19.2 a negative number: the same magnitudes, its own sign") {
  CHECK(exercise::round_stochastically(-0.296875F, 3221225471U) == 0xB5);
  CHECK(exercise::round_stochastically(-0.296875F, 3221225472U) == 0xB4);
  CHECK(exercise::round_stochastically(-0.0F, 0) == 0x80);
}

TEST_CASE("19.2 above and below the middle, either neighbour can come") {
  // 0.265625 = 0.25 + 0.25 * 0.0625: nearest is 0x34.
  CHECK(exercise::round_stochastically(0.265625F, 1073741823U) == 0x35);
  CHECK(exercise::round_stochastically(0.265625F, 1073741824U) == 0x34);
  // The middle, 0.28125: half of the coins.
  CHECK(exercise::round_stochastically(0.28125F, kHalf - 1) == 0x35);
  CHECK(exercise::round_stochastically(0.28125F, kHalf) == 0x34);
}

TEST_CASE("19.2 across a power of two") {
  // 1.9375 = 1.75 + 0.75 * 0.25: 0x3F and 0x40, which is 2.
  CHECK(exercise::round_stochastically(1.9375F, 3221225471U) == 0x40);
  CHECK(exercise::round_stochastically(1.9375F, 3221225472U) == 0x3F);
  // 2.125 = 2 + 0.25 * 0.5: the step above is twice as large.
  CHECK(exercise::round_stochastically(2.125F, 1073741823U) == 0x41);
  CHECK(exercise::round_stochastically(2.125F, 1073741824U) == 0x40);
}

TEST_CASE("19.2 subnormal numbers and what is smaller than the smallest") {
  // The step is 2^-16 below 2^-14.
  CHECK(exercise::round_stochastically(0x1p-18F, 1073741823U) == 0x01);
  CHECK(exercise::round_stochastically(0x1p-18F, 1073741824U) == 0x00);
  CHECK(exercise::round_stochastically(-0x1p-17F, kHalf - 1) == 0x81);
  CHECK(exercise::round_stochastically(-0x1p-17F, kHalf) == 0x80);
  // 3.5 steps: between the last subnormal number and the first normal one.
  CHECK(exercise::round_stochastically(3.5F * 0x1p-16F, kHalf - 1) == 0x04);
  CHECK(exercise::round_stochastically(3.5F * 0x1p-16F, kHalf) == 0x03);
  // 2^-47 of a step: one coin of 2^32 is still too many but for 0 itself.
  CHECK(exercise::round_stochastically(0x1p-47F, 0) == 0x01);
  CHECK(exercise::round_stochastically(0x1p-47F, 2) == 0x00);
}

TEST_CASE("19.2 too large saturates, infinity too; NaN stays NaN") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (std::uint32_t random : {0U, kAllOnes}) {
    CHECK(exercise::round_stochastically(57345.0F, random) == 0x7B);
    CHECK(exercise::round_stochastically(-1e30F, random) == 0xFB);
    CHECK(exercise::round_stochastically(infinity, random) == 0x7B);
    CHECK(exercise::round_stochastically(-infinity, random) == 0xFB);
    const std::uint32_t nan =
        exercise::round_stochastically(std::numeric_limits<float>::quiet_NaN(), random);
    CHECK(std::isnan(qfs::decode_float(nan, qfs::kE5M2)));
  }
  // Just below the largest a coin still decides: 53248 = 49152 + 0.5 * 8192.
  CHECK(exercise::round_stochastically(53248.0F, kHalf - 1) == 0x7B);
  CHECK(exercise::round_stochastically(53248.0F, kHalf) == 0x7A);
}

TEST_CASE("19.2 on average nothing is lost") {
  // 1 plus 0.001, ten thousand times, each sum rounded: to nearest it would stay 1 for ever. The
  // sum is right on average: 11, with a standard deviation of about 3.
  qfs::Rng rng(192);
  double all = 0.0;
  for (int run = 0; run < 64; ++run) {
    float sum = 1.0F;
    for (int i = 0; i < 10000; ++i)
      sum = qfs::decode_float(exercise::round_stochastically(
                                  sum + 0.001F, static_cast<std::uint32_t>(rng.bits() >> 32)),
                              qfs::kE5M2);
    all += static_cast<double>(sum);
  }
  CHECK(all / 64.0 > 9.0);
  CHECK(all / 64.0 < 13.0);
}

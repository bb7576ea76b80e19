// Chapter 02, back to 8 bits: the bias, the multiplier, and the three rules.
#include "02_integer_products/requantize.hpp"

#include <array>
#include <limits>

#include "02_integer_products/lesson/disagreement.hpp"
#include "02_integer_products/lesson/paper_example.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/integer_only.hpp"
#include "tests/support/reference.hpp"

using qfs::FixedPointMultiplier;
using qfs::Matrix;
using qfs::QuantRange;
using qfs::ShiftRounding;
using qfs::Vector;
using qfs::test::difference;
using qfs::test::IntegerOnly;
using qfs::test::load_reference;

namespace {

constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
constexpr QuantRange kU8 = qfs::unsigned_range(8), kS8 = qfs::signed_range(8);

// Numerators of the halves -5/2 .. 5/2.
constexpr std::array<std::int32_t, 11> kHalves = {-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5};

}  // namespace

TEST_CASE("SRDHM: ties go up", "[hand]") {
  // a * 2^30 / 2^31 = a / 2: -2.5 -> -2, -1.5 -> -1, -0.5 -> 0, 0.5 -> 1, 1.5 -> 2, 2.5 -> 3.
  constexpr std::array<std::int32_t, 11> kExpected = {-2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3};
  for (std::size_t i = 0; i < kHalves.size(); ++i)
    CHECK(qfs::saturating_rounding_doubling_high_mul(kHalves[i], 1 << 30) == kExpected[i]);
  static_assert(qfs::saturating_rounding_doubling_high_mul(kLowest, kLowest) == kHighest);
  static_assert(qfs::saturating_rounding_doubling_high_mul(kLowest, kHighest) == -kHighest);
  static_assert(qfs::saturating_rounding_doubling_high_mul(kHighest, kHighest) == kHighest - 1);
}

TEST_CASE("RDBPOT: ties go away from zero", "[hand]") {
  constexpr std::array<std::int32_t, 11> kExpected = {-3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3};
  for (std::size_t i = 0; i < kHalves.size(); ++i)
    CHECK(qfs::rounding_divide_by_pot(kHalves[i], 1) == kExpected[i]);
  static_assert(qfs::rounding_divide_by_pot(-7, 0) == -7);
  static_assert(qfs::rounding_divide_by_pot(kHighest, 31) == 1);  // 0.9999999995
  static_assert(qfs::rounding_divide_by_pot(kLowest, 31) == -1);
  static_assert(qfs::rounding_divide_by_pot((1 << 30) - 1, 31) == 0);
  static_assert(qfs::rounding_divide_by_pot(1 << 30, 31) == 1);
}

TEST_CASE("the single rounding: ties to even, or up as TFLite's", "[hand]") {
  constexpr std::array<std::int32_t, 11> kEven = {-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2};
  constexpr std::array<std::int32_t, 11> kUp = {-2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3};
  for (std::size_t i = 0; i < kHalves.size(); ++i) {
    const std::int64_t value = kHalves[i];
    CHECK(qfs::rounding_shift_right(value, 1) == kEven[i]);
    CHECK(qfs::rounding_shift_right<ShiftRounding::half_up>(value, 1) == kUp[i]);
  }
  constexpr std::int64_t kLargest = std::int64_t{1} << 62;
  static_assert(qfs::rounding_shift_right(kLargest - 1, 62) == 1);
  static_assert(qfs::rounding_shift_right(kLargest / 2, 62) == 0);  // exactly a half, to even
  static_assert(qfs::rounding_shift_right(1 - kLargest, 62) == -1);
  static_assert(qfs::rounding_shift_right(-kLargest / 2, 62) == 0);
}

TEST_CASE("a real as mantissa and shift", "[hand]") {
  CHECK(qfs::to_fixed_point(0.5) == FixedPointMultiplier{1 << 30, 0});
  CHECK(qfs::to_fixed_point(0.25) == FixedPointMultiplier{1 << 30, 1});
  CHECK(qfs::to_fixed_point(0.75) == FixedPointMultiplier{3 << 29, 0});
  CHECK(qfs::to_fixed_point(1.0) == FixedPointMultiplier{1 << 30, -1});
  CHECK(qfs::to_fixed_point(3.0) == FixedPointMultiplier{3 << 29, -2});
  // 1/6 as a float32 is 11184811 * 2^-26, and 11184811 * 2^7 is 1431655808. The double is nearer to
  // 1/6: round(2^33 / 6) = 1431655765.
  CHECK(qfs::to_fixed_point(static_cast<double>(1.0F / 6.0F)) ==
        FixedPointMultiplier{1431655808, 2});
  CHECK(qfs::to_fixed_point(1.0 / 6.0) == FixedPointMultiplier{1431655765, 2});
  // Halves go up, and the largest double below 1/2 carries: its mantissa would be 2^31.
  CHECK(qfs::to_fixed_point((0x1p30 + 0.5) * 0x1p-31) == FixedPointMultiplier{(1 << 30) + 1, 0});
  CHECK(qfs::to_fixed_point(std::nextafter(0.5, 0.0)) == FixedPointMultiplier{1 << 30, 0});
}

TEST_CASE("reals without a fixed-point multiplier are refused", "[hand]") {
  CHECK(qfs::to_fixed_point(0x1p-32) == FixedPointMultiplier{1 << 30, 31});
  CHECK(qfs::to_fixed_point(std::nextafter(0x1p29, 0.0)) == FixedPointMultiplier{1 << 30, -30});
  for (double real :
       {0.0, -0.5, std::nextafter(0x1p-32, 0.0), 0x1p29, std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(qfs::to_fixed_point(real), qfs::Error);
}

TEST_CASE("every float32 multiplier is held exactly", "[prop]") {
  qfs::Rng rng(202);
  for (int i = 0; i < 10000; ++i) {
    const auto real = static_cast<float>(rng.uniform(0.5, 1.0) *
                                         std::ldexp(1.0, -static_cast<int>(rng.below(30))));
    const FixedPointMultiplier m = qfs::to_fixed_point(static_cast<double>(real));
    CHECK(m.mantissa >= 1 << 30);
    CHECK(std::ldexp(static_cast<double>(m.mantissa), -31 - m.shift) == static_cast<double>(real));
  }
}

TEST_CASE("requantize_float: ties to even, the zero point after rounding, clamped", "[hand]") {
  const auto q = [](std::int32_t acc, float m, std::int32_t zero_point) {
    return qfs::requantize_float(acc, m, zero_point, kU8);
  };
  CHECK(q(5, 0.5F, 3) == 5);   // 2.5 -> 2, + 3; away from zero 6; 2.5 + 3 = 5.5 first would give 6
  CHECK(q(7, 0.5F, 3) == 7);   // 3.5 -> 4
  CHECK(q(-1, 0.5F, 3) == 3);  // -0.5 -> -0
  CHECK(q(-9, 0.5F, 3) == 0);  // -4.5 -> -4, + 3 = -1, clamped
  CHECK(q(505, 0.5F, 3) == 255);  // 252.5 -> 252, + 3: the upper end, not clamped
  CHECK(q(507, 0.5F, 3) == 255);  // 253.5 -> 254, + 3 = 257, clamped
  CHECK(q(kHighest, 1e30F, 3) == 255);
  CHECK(q(kLowest, 1e30F, 3) == 0);
  CHECK(qfs::requantize_float(-1000, 1.0F, 0, kS8) == -128);
  // 2^24 + 1 is no float32: it becomes 2^24 (ties to even) before it is multiplied.
  CHECK(qfs::requantize_float((1 << 24) + 1, 0x1p-10F, -16384, {0, 1}) == 0);
}

TEST_CASE("requantize_fixed: rounded once, ties to even, clamped", "[hand]") {
  const FixedPointMultiplier half = qfs::to_fixed_point(0.5), three = qfs::to_fixed_point(3.0);
  CHECK(qfs::requantize_fixed(5, half, 3, kU8) == 5);
  CHECK(qfs::requantize_fixed(7, half, 3, kU8) == 7);
  CHECK(qfs::requantize_fixed(-9, half, 3, kU8) == 0);
  CHECK(qfs::requantize_fixed(507, half, 3, kU8) == 255);
  CHECK(qfs::requantize_fixed(5, three, 3, kU8) == 18);
  CHECK(qfs::requantize_fixed(kHighest, qfs::to_fixed_point(0x1p28), 0, kS8) == 127);
  CHECK(qfs::requantize_fixed(kLowest, qfs::to_fixed_point(0x1p28), 0, kS8) == -128);
  CHECK(qfs::requantize_fixed(kLowest, qfs::to_fixed_point(0x1p-32), 7, kS8) == 7);  // -0.5 -> 0
  CHECK(qfs::requantize_fixed<ShiftRounding::half_up>(5, half, 3, kU8) == 6);
  // From acc to q a constant expression, in 64-bit integers.
  static_assert(qfs::requantize_fixed(39, {1431655808, 2}, 3, qfs::unsigned_range(4)) == 10);
}

TEST_CASE("requantize_gemmlowp: rounded twice", "[hand]") {
  const FixedPointMultiplier half = qfs::to_fixed_point(0.5), quarter = qfs::to_fixed_point(0.25);
  CHECK(qfs::requantize_gemmlowp(5, half, 3, kU8) == 6);      // 2.5 -> 3
  CHECK(qfs::requantize_gemmlowp(-5, half, 10, kU8) == 8);    // -2.5 -> -2
  CHECK(qfs::requantize_gemmlowp(5, quarter, 0, kU8) == 2);   // 1.25: 2.5 -> 3, 1.5 -> 2
  CHECK(qfs::requantize_gemmlowp(-7, quarter, 9, kU8) == 7);  // -1.75: -3.5 -> -3, -1.5 -> -2
  CHECK(qfs::requantize_gemmlowp(5000, half, 3, kU8) == 255);
  CHECK(qfs::requantize_gemmlowp(-5000, half, 3, kU8) == 0);
}

TEST_CASE("requantize_gemmlowp with a multiplier of 1 or more: shifted to the left first",
          "[hand]") {
  const auto q = [](std::int32_t acc, double m, std::int32_t zero_point, QuantRange range) {
    return qfs::requantize_gemmlowp(acc, qfs::to_fixed_point(m), zero_point, range);
  };
  CHECK(q(5, 1.0, 3, kU8) == 8);  // 5 * 2, times a half
  CHECK(q(-5, 1.0, 3, kU8) == 0);
  CHECK(q(5, 3.0, 3, kU8) == 18);    // 5 * 4 * 0.75 = 15
  CHECK(q(-5, 1.25, 0, kS8) == -6);  // -10 * 0.625 = -6.25
  CHECK(q(2, 1.25, 0, kS8) == 3);    // 4 * 0.625 = 2.5, a tie: up
  CHECK(q(-2, 1.25, 0, kS8) == -2);  // -2.5: up; away from zero would be -3
  // 2^31 and 2^58 are no 32-bit integers: saturated, and clamped as the exact product is.
  CHECK(q(1 << 28, 4.0, 0, kS8) == 127);
  CHECK(q(-(1 << 28), 4.0, 0, kS8) == -128);
  CHECK(q(kHighest, 0x1p28, -100, {-32768, 32767}) == 32767);
  CHECK(q(kLowest, 0x1p28, 100, {-32768, 32767}) == -32768);
  CHECK(q(1, 0x1p28, 0, {0, 1 << 30}) == 1 << 28);
  CHECK(qfs::requantize_gemmlowp(1, {1 << 30, -30}, 0, {0, 1 << 30}) == 1 << 29);
  // 2^-32, the smallest multiplier, brings the largest sum to a half; a shift of 32 is refused.
  CHECK(q(kHighest, 0x1p-32, 7, kS8) == 8);  // 2^30 * 2^-31, away from zero
  CHECK(q(kLowest, 0x1p-32, 7, kS8) == 6);
  CHECK_THROWS_WITH(qfs::requantize_gemmlowp(1, {1 << 30, 32}, 0, kU8), QFS_CONTAINS("-30 to 31"));
  CHECK_THROWS_WITH(qfs::requantize_gemmlowp(1, {1 << 30, -31}, 0, kU8), QFS_CONTAINS("-30 to 31"));
}

TEST_CASE("7984 * 0.0014402704 = 11.499119 is 11, and 12 when rounded twice", "[hand]") {
  // 0.0014402704 = 0.7374184448 * 2^-9. Then 7984 * 0.7374184448 = 5887.549 is rounded to 5888, and
  // 5888 / 512 = 11.5 to 12.
  const FixedPointMultiplier m = qfs::to_fixed_point(0.0014402704);
  CHECK(m.shift == 9);
  CHECK(qfs::saturating_rounding_doubling_high_mul(7984, m.mantissa) == 5888);
  CHECK(qfs::requantize_gemmlowp(7984, m, 0, kS8) == 12);
  CHECK(qfs::requantize_fixed(7984, m, 0, kS8) == 11);
  CHECK(qfs::requantize_float(7984, 0.0014402704F, 0, kS8) == 11);
}

TEST_CASE("requantize_fixed holds no float", "[prop]") {
  // IntegerOnly has no conversion from or to float: a float operation inside would not compile.
  qfs::Rng rng(203);
  for (int i = 0; i < 10000; ++i) {
    const auto acc = static_cast<std::int32_t>(rng.bits());
    const FixedPointMultiplier m{static_cast<std::int32_t>((1U << 30) + rng.below(1U << 30)),
                                 static_cast<int>(rng.below(62)) - 30};
    const auto zero_point = static_cast<std::int32_t>(rng.below(256));
    CHECK(qfs::requantize_fixed<ShiftRounding::half_even, IntegerOnly>(acc, m, zero_point, kU8) ==
          qfs::requantize_fixed(acc, m, zero_point, kU8));
  }
}

template <class Sum>
constexpr bool kFixedTakes = requires(Sum acc, FixedPointMultiplier m) {
  qfs::requantize_fixed(acc, m, 0, kU8);
};
static_assert(kFixedTakes<std::int32_t> && !kFixedTakes<float> && !kFixedTakes<double>);

TEST_CASE("requantize_fixed is the exact product, rounded once", "[prop]") {
  // A sum below 2^28 times a float32 has at most 52 bits: a double holds it exactly, and nearbyint
  // is the only rounding.
  qfs::Rng rng(204);
  for (int i = 0; i < 20000; ++i) {
    const auto m = static_cast<float>(rng.uniform(0.0001, 1.0));
    const auto acc = static_cast<std::int32_t>(rng.below(1U << 29)) - (1 << 28);
    const double exact = std::nearbyint(static_cast<double>(acc) * static_cast<double>(m));
    const QuantRange wide{-(1 << 29), 1 << 29};
    CHECK(qfs::requantize_fixed(acc, qfs::to_fixed_point(static_cast<double>(m)), 0, wide) ==
          static_cast<std::int32_t>(exact));
  }
}

TEST_CASE("the counts of disagreement of the text", "[prop]") {
  for (const qfs::ch02::DisagreementRow& row : qfs::ch02::kDisagreementRows) {
    const auto counts = qfs::ch02::count_disagreements(1, row.low, row.high, qfs::ch02::kDraws);
    INFO("multipliers from " << row.low << " to " << row.high);
    CHECK(counts.gemmlowp_fixed == row.counts.gemmlowp_fixed);
    CHECK(counts.half_up_fixed == row.counts.half_up_fixed);
    CHECK(counts.fixed_float == row.counts.fixed_float);
    CHECK(counts.largest == row.counts.largest);
  }
}

TEST_CASE("rounding twice goes wrong on half of the 2^-shift ties", "[prop]") {
  // In the octave [2^-(r+1), 2^-r) the shift is r: a share of 2^-(r+1). The count of independent
  // draws stays within five standard deviations, at most sqrt(expected) each.
  for (int r = 1; r <= 4; ++r) {
    const double low = std::ldexp(1.0, -r - 1);
    const auto counts = qfs::ch02::count_disagreements(1, low, 2.0 * low, qfs::ch02::kDraws);
    const double expected = low * qfs::ch02::kDraws;
    INFO("shift " << r);
    CHECK(std::fabs(counts.gemmlowp_fixed - expected) < 5.0 * std::sqrt(expected));
  }
  CHECK(qfs::ch02::count_disagreements(1, 0.5, 1.0, qfs::ch02::kDraws).gemmlowp_fixed ==
        0);  // nothing is shifted
}

TEST_CASE("bias and multiplier in PyTorch's order of operations", "[hand]") {
  CHECK(qfs::quantize_bias(0.3F, 0.5F, 0.125F) == 5);        // 4.8
  CHECK(qfs::quantize_bias(-0.15625F, 0.5F, 0.125F) == -2);  // -2.5, to even
  // Chapter 01's tie: b * (1 / s) is 127.5 and goes to 128, b / s would be 127.499992.
  CHECK(qfs::quantize_bias(0.273939937F, 0.00214854861F, 1.0F) == 128);
  CHECK(qfs::output_multiplier(0.5F, 0.25F, 0.75F) == 0.125F * (1.0F / 0.75F));
}

TEST_CASE(
    "PyTorch multiplies the scales of the bias in double, which shows where they are no float32",
    "[ref]") {
  // double_scales of ch02.py: cases where the two products give two integers. Column 0 has one
  // weight scale, column 1 two equal ones.
  const auto scales = load_reference<double, 2>("ch02/double_scales");
  const auto bias = load_reference<float, 1>("ch02/double_bias");
  const auto theirs = load_reference<std::int32_t, 2>("ch02/double_integers");
  for (std::size_t i = 0; i < bias.size(); ++i) {
    INFO("case " << i);
    const auto in_double = static_cast<float>(scales(i, 0) * scales(i, 1));
    const auto s_x = static_cast<float>(scales(i, 0)), s_w = static_cast<float>(scales(i, 1));
    const std::int32_t ours = qfs::quantize_bias(bias(i), s_x, s_w);
    CHECK(theirs(i, 0) == qfs::quantize_bias(bias(i), in_double, 1.0F));
    CHECK(theirs(i, 1) == theirs(i, 0));
    CHECK(std::abs(ours - theirs(i, 0)) == 1);
    // The same bias, with scales that are float32 on both sides: one product, rounded once.
    CHECK(static_cast<float>(static_cast<double>(s_x) * static_cast<double>(s_w)) == s_x * s_w);
  }
}

TEST_CASE("scales that give no bias or multiplier are refused", "[hand]") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(qfs::quantize_bias(1.0F, 1e-30F, 1e-30F), QFS_CONTAINS("s_x * s_w"));
  CHECK_THROWS_AS(qfs::quantize_bias(1.0F, kInfinity, 1.0F), qfs::Error);
  // 5e-39 is positive, but no normal float32: it has lost bits of the scale.
  CHECK_THROWS_WITH(qfs::quantize_bias(0.0F, 1e-19F, 5e-20F), QFS_CONTAINS("s_x * s_w"));
  CHECK_THROWS_AS(qfs::output_multiplier(1e-19F, 5e-20F, 1.0F), qfs::Error);
  CHECK_THROWS_WITH(qfs::quantize_bias(1.0F, -0.5F, 1.0F), QFS_CONTAINS("s_x * s_w"));
  CHECK_THROWS_WITH(qfs::quantize_bias(1.0F, 0.5F, -1.0F), QFS_CONTAINS("s_x * s_w"));
  CHECK_THROWS_WITH(qfs::quantize_bias(1.0F, 1e-5F, 1e-5F), QFS_CONTAINS("does not fit 32 bits"));
  CHECK_THROWS_AS(qfs::quantize_bias(-2147483648.0F, 1.0F, 1.0F), qfs::Error);
  CHECK(qfs::quantize_bias(2147483520.0F, 1.0F, 1.0F) ==
        2147483520);  // the largest float32 below 2^31
  CHECK_THROWS_AS(qfs::quantize_bias(std::numeric_limits<float>::quiet_NaN(), 1.0F, 1.0F),
                  qfs::Error);
  CHECK_THROWS_AS(qfs::output_multiplier(1.0F, 1.0F, 0.0F), qfs::Error);
  CHECK_THROWS_AS(qfs::output_multiplier(1e-30F, 1e-30F, 1.0F), qfs::Error);
  CHECK_THROWS_AS(qfs::output_multiplier(1.0F, -1.0F, 1.0F), qfs::Error);
}

TEST_CASE("requantize_matrix: one multiplier per output column", "[hand]") {
  const Matrix<std::int32_t> acc = {{10, 10}, {-20, 1000}};
  const Vector<float> m = {0.5F, 0.25F};
  const auto q =
      qfs::requantize_matrix<std::uint8_t>(acc, qfs::values(m), 10, kU8, &qfs::requantize_float);
  CHECK(difference(q, Matrix<std::uint8_t>{{15, 12}, {0, 255}}) ==
        "");  // 10 + 2.5 -> 12, 10 + 250 clamped
  const Vector<float> three = {1.0F, 1.0F, 1.0F};
  CHECK_THROWS_AS(
      qfs::requantize_matrix<std::uint8_t>(acc, qfs::values(three), 0, kU8, &qfs::requantize_float),
      qfs::Error);
  CHECK_THROWS_WITH(
      qfs::requantize_matrix<std::int8_t>(acc, qfs::values(m), 0, kU8, &qfs::requantize_float),
      QFS_CONTAINS("cannot hold the range"));
  CHECK_THROWS_WITH(qfs::requantize_matrix<std::uint8_t>(acc, qfs::values(m), 0, {-1, 100},
                                                         &qfs::requantize_float),
                    QFS_CONTAINS("cannot hold the range"));
}

TEST_CASE("ONNX's QLinearMatMul: u8 by u8, two zero points", "[ref]") {
  // onnx/backend/test/case/node/qlinearmatmul.py; b transposed, one row per output.
  const Matrix<std::uint8_t> a = {{208, 236, 0, 238}, {3, 214, 255, 29}};
  const Matrix<std::uint8_t> b = {{152, 60, 0, 127}, {51, 26, 127, 254}, {244, 255, 246, 247}};
  const Vector<std::int32_t> no_bias = {0, 0, 0}, z_b = {114};
  const auto folded = qfs::fold_zero_points(b, qfs::values(no_bias), 113, kU8, qfs::values(z_b));
  const auto acc = qfs::integer_product(a, b, qfs::values(folded), qfs::values(z_b));
  CHECK(difference(acc, Matrix<std::int32_t>{{11475, -778, 31402}, {-26914, -11872, 7513}}) == "");
  const Vector<float> m = {qfs::output_multiplier(0.0066F, 0.00705F, 0.0107F)};
  const auto y =
      qfs::requantize_matrix<std::uint8_t>(acc, qfs::values(m), 118, kU8, &qfs::requantize_float);
  CHECK(difference(y, Matrix<std::uint8_t>{{168, 115, 255}, {1, 66, 151}}) == "");
}

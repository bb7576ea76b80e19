// Chapter 01: affine math, against numbers by hand, against PyTorch, and against its own laws.
#include <bit>
#include <limits>

#include "01_affine_math/conventions.hpp"
#include "01_affine_math/errors.hpp"
#include "01_affine_math/granularity.hpp"
#include "01_affine_math/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The columns of the tables that tests/reference/ch01.py writes: CASES there.
struct Case {
  RangePolicy ranges;
  Scheme scheme;
};
const std::vector<Case> kCases = {
    {unreduced(unsigned_range(8)), Scheme::affine},
    {pytorch_reduce_range(unsigned_range(8)), Scheme::affine},
    {unreduced(unsigned_range(8)), Scheme::symmetric},
    {unreduced(signed_range(8)), Scheme::affine},
    {pytorch_reduce_range(signed_range(8)), Scheme::affine},
    {unreduced(signed_range(8)), Scheme::symmetric},
    {pytorch_reduce_range(signed_range(8)), Scheme::symmetric},
};

std::int32_t q8(float x, QuantParams p, Rounding rounding = Rounding::half_even) {
  return quantize_value(x, p, unsigned_range(8), rounding);
}

}  // namespace

TEST_CASE("the paper example: by hand = ours = PyTorch", "[hand][ref]") {
  // [-1, 2] onto 0..15: s = 3 / 15 = 0.2, z = 0 - round(-1 / 0.2) = 5.
  const auto [min, max] = min_max(ch01::paper::kX);
  const QuantParams p = choose_qparams(min, max, ch01::paper::kRange);
  CHECK(p == QuantParams{ch01::paper::kScale, ch01::paper::kZeroPoint});
  std::array<std::int32_t, 6> q{};
  quantize<std::int32_t>(ch01::paper::kX, p, ch01::paper::kRange, q);
  CHECK(q == ch01::paper::kByHand);
  // tests/reference/ch01.py, paper()
  CHECK(load_reference<float, 1>("ch01/paper_scale")(0) == ch01::paper::kScale);
  CHECK(load_reference<std::int32_t, 1>("ch01/paper_zero_point")(0) == ch01::paper::kZeroPoint);
  const auto by_pytorch = load_reference<std::int32_t, 1>("ch01/paper_q");
  CHECK(difference<std::int32_t>(values(by_pytorch), ch01::paper::kByPyTorch) == "");
}

TEST_CASE("parameters and integers equal PyTorch's on awkward tensors", "[ref]") {
  // tests/reference/ch01.py, per_tensor(): MinMaxObserver, then quantize_per_tensor.
  const auto x = load_reference<float, 2>("ch01/tensors");
  const auto scale = load_reference<float, 2>("ch01/per_tensor_scale");
  const auto zero_point = load_reference<std::int32_t, 2>("ch01/per_tensor_zero_point");
  const auto expected = load_reference<std::int32_t, 3>("ch01/per_tensor_q");
  REQUIRE(scale.shape(1) == kCases.size());
  std::vector<std::int32_t> q(x.shape(1));
  for (std::size_t t = 0; t < x.shape(0); ++t)
    for (std::size_t c = 0; c < kCases.size(); ++c) {
      INFO("tensor " << t << ", case " << c);
      const auto [min, max] = min_max(row(x, t));
      const auto& [ranges, scheme] = kCases[c];
      const QuantParams p = choose_qparams(min, max, ranges.scale_range, scheme);
      CHECK(p.scale == scale(t, c));
      CHECK(p.zero_point == zero_point(t, c));
      quantize<std::int32_t>(row(x, t), p, ranges.clamp_range, q);
      const auto row_expected =
          values(expected).subspan((t * kCases.size() + c) * q.size(), q.size());
      CHECK(difference<std::int32_t>(q, row_expected) == "");
    }
}

TEST_CASE("per channel along every axis equals PyTorch's", "[ref]") {
  // tests/reference/ch01.py, per_channel(): PerChannelMinMaxObserver, then quantize_per_channel.
  const auto x = load_reference<float, 3>("ch01/channels");
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::string suffix = "_axis" + std::to_string(axis);
    const auto scale = load_reference<float, 2>("ch01/per_channel_scale" + suffix);
    const auto zero_point = load_reference<std::int32_t, 2>("ch01/per_channel_zero_point" + suffix);
    const auto expected = load_reference<std::int32_t, 2>("ch01/per_channel_q" + suffix);
    const auto layout = make_layout(shape_of(x), {GranularityKind::per_channel, axis, 0});
    REQUIRE(layout.param_count() == scale.shape(1));
    std::vector<std::int32_t> q(x.size());
    for (std::size_t c = 0; c < kCases.size(); ++c) {
      INFO("axis " << axis << ", case " << c);
      const auto& [ranges, scheme] = kCases[c];
      const auto params =
          choose_qparams(min_max_per_param(values(x), layout), ranges.scale_range, scheme);
      for (std::size_t i = 0; i < params.size(); ++i) {
        CHECK(params[i].scale == scale(c, i));
        CHECK(params[i].zero_point == zero_point(c, i));
      }
      quantize<std::int32_t>(values(x), layout, params, ranges.clamp_range, q);
      CHECK(difference<std::int32_t>(q, row(expected, c)) == "");
    }
  }
}

TEST_CASE("the five conventions give their golden integers, of a real outside too", "[ref]") {
  // tests/reference/ch01.py, conventions()
  const auto expected = load_reference<std::int32_t, 2>("ch01/conventions_q");
  const auto [min, max] = min_max(ch01::paper::kX);
  std::array<float, 7> x{};
  std::copy(ch01::paper::kX.begin(), ch01::paper::kX.end(), x.begin());
  x[6] = 3.0F;
  std::array<std::int32_t, 7> q{};
  REQUIRE(expected.shape(0) == kConventions.size());
  for (std::size_t i = 0; i < kConventions.size(); ++i) {
    const Convention& c = kConventions[i];
    INFO(std::string(c.name));
    quantize<std::int32_t>(x, choose_qparams(min, max, c.ranges.scale_range, c.scheme),
                           c.ranges.clamp_range, q, c.rounding);
    CHECK(difference<std::int32_t>(q, row(expected, i)) == "");
  }
}

TEST_CASE("7 bits by PyTorch's policy and by ours, where a real leaves the interval", "[hand]") {
  // [-1, 1] onto 0..127: s = 2 / 127, z = round(63.5) = 64. 1.5 / s = 95.25 -> 95, 127, 190.5 ->
  // 190.
  const QuantRange u8 = unsigned_range(8);
  CHECK(reduce_and_clamp(u8) == RangePolicy{{0, 127}, {0, 127}});
  CHECK(pytorch_reduce_range(u8) == RangePolicy{{0, 127}, {0, 255}});
  CHECK(unreduced(u8) == RangePolicy{{0, 255}, {0, 255}});
  const QuantParams p = choose_qparams(-1.0F, 1.0F, reduced(u8));
  CHECK(p == QuantParams{2.0F / 127.0F, 64});
  const std::vector<float> x = {-1.0F, 1.0F, 1.5F, 2.0F, 3.0F};
  std::vector<std::uint8_t> q(5);
  quantize<std::uint8_t>(x, p, pytorch_reduce_range(u8).clamp_range, q);
  CHECK(q == std::vector<std::uint8_t>{0, 128, 159, 191, 254});
  quantize<std::uint8_t>(x, p, reduce_and_clamp(u8).clamp_range, q);
  CHECK(q == std::vector<std::uint8_t>{0, 127, 127, 127, 127});
}

TEST_CASE("both policies of 7 bits are PyTorch's: after convert, and while a net trains", "[ref]") {
  // tests/reference/ch01.py, policies(): row 0 quantize_per_tensor, row 1 FakeQuantize.
  const auto x = load_reference<float, 1>("ch01/policies_x");
  std::vector<std::int32_t> q(x.size());
  for (const auto& [name, range] : {std::pair{"ch01/policies_quint8", unsigned_range(8)},
                                    {"ch01/policies_qint8", signed_range(8)}}) {
    INFO(name);
    const auto expected = load_reference<std::int32_t, 2>(name);
    std::size_t rule = 0;
    for (const RangePolicy& policy : {pytorch_reduce_range(range), reduce_and_clamp(range)}) {
      quantize<std::int32_t>(values(x), choose_qparams(-1.0F, 1.0F, policy.scale_range),
                             policy.clamp_range, q);
      CHECK(difference<std::int32_t>(q, row(expected, rule++)) == "");
    }
  }
}

TEST_CASE("symmetric with given bounds: PyTorch's scale, and a rule of its own for the zero point",
          "[ref]") {
  // tests/reference/ch01.py, given_bounds(): quint8 without bounds, 0..255, 0..127, 0..15, then
  // qint8 -8..7, -7..7. Ours is the upper middle; with bounds PyTorch takes the lower one.
  const auto scale = load_reference<float, 1>("ch01/given_bounds_scale");
  const auto theirs = load_reference<std::int32_t, 1>("ch01/given_bounds_zero_point");
  const std::vector<QuantRange> ranges = {{0, 255}, {0, 255}, {0, 127}, {0, 15}, {-8, 7}, {-7, 7}};
  const std::vector<std::int32_t> ours = {128, 128, 64, 8, 0, 0};
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    INFO("row " << i);
    const QuantParams p = choose_qparams(-4.0F, 2.0F, ranges[i], Scheme::symmetric);
    CHECK(p == QuantParams{scale(i), ours[i]});
    const bool lower = i >= 1 && i <= 3;
    CHECK(theirs(i) == (lower ? (ranges[i].qmin + ranges[i].qmax) / 2 : ours[i]));
  }
  const auto narrow = load_reference<std::int32_t, 1>("ch01/reduced_narrow");
  CHECK(reduced(narrow_range(8)) == QuantRange{narrow(0), narrow(1)});
}

TEST_CASE("ties go to even and the zero point is added after rounding", "[hand]") {
  // round(0.5) = 0, round(1.5) = 2, round(2.5) = 2, then + 3. Adding first would give 4, 4, 6.
  CHECK(q8(0.5F, {1.0F, 3}) == 3);
  CHECK(q8(1.5F, {1.0F, 3}) == 5);
  CHECK(q8(2.5F, {1.0F, 3}) == 5);
  CHECK(q8(-0.5F, {1.0F, 3}) == 3);
  CHECK(q8(-1.5F, {1.0F, 3}) == 1);
  // TFLite's rule: 0.5 -> 1, 2.5 -> 3, -0.5 -> -1.
  CHECK(q8(0.5F, {1.0F, 3}, Rounding::half_away_divide) == 4);
  CHECK(q8(2.5F, {1.0F, 3}, Rounding::half_away_divide) == 6);
  CHECK(q8(-0.5F, {1.0F, 3}, Rounding::half_away_divide) == 2);
  // The float before 0.5 is no tie, though 0.5 more is 1 in float32.
  CHECK(q8(std::nextafter(0.5F, 0.0F), {1.0F, 3}, Rounding::half_away_divide) == 3);
  CHECK(q8(std::nextafter(-0.5F, 0.0F), {1.0F, 3}, Rounding::half_away_divide) == 3);
}

TEST_CASE("multiplying by 1/s and dividing by s are two rules", "[hand]") {
  // x * (1/s) is exactly 127.5 and goes to 128; x / s is 127.499992 and goes to 127. The case
  // stands in FBGEMM's comment on Quantize.
  const QuantParams p{0.00214854861F, 0};
  CHECK(0.273939937F * (1.0F / p.scale) == 127.5F);
  CHECK(q8(0.273939937F, p) == 128);
  CHECK(q8(0.273939937F, p, Rounding::half_even_divide) == 127);
  CHECK(q8(0.273939937F, p, Rounding::half_away_divide) == 127);
}

TEST_CASE("ONNX's vectors", "[hand]") {
  // QuantizeLinear's test: scale 2, zero point 128; 3 / 2 = 1.5 goes to 2.
  const std::vector<float> x = {0, 2, 3, 1000, -254, -1000};
  std::vector<std::int32_t> q(x.size());
  quantize<std::int32_t>(x, {2.0F, 128}, unsigned_range(8), q, Rounding::half_even_divide);
  CHECK(q == std::vector<std::int32_t>{128, 129, 130, 255, 1, 0});
  // DynamicQuantizeLinear's three tests: min and max, then scale and zero point.
  CHECK(choose_qparams(-3.0F, 2.0F, unsigned_range(8)) == QuantParams{0.0196078438F, 153});
  CHECK(choose_qparams(-4.0F, -1.0F, unsigned_range(8)) == QuantParams{0.0156862754F, 255});
  CHECK(choose_qparams(1.0F, 4.0F, unsigned_range(8)) == QuantParams{0.0156862754F, 0});
}

TEST_CASE("the vector of TensorRT's toolkit", "[hand]") {
  // amax 0.9921 over 127 steps on each side.
  const std::vector<float> x = {.9817F, .8796F, .9921F, .4611F, .0832F,
                                .1784F, .3674F, .5676F, .3376F, .2119F};
  const QuantParams p = choose_qparams(-0.9921F, 0.9921F, narrow_range(8), Scheme::symmetric);
  CHECK(p.zero_point == 0);
  std::vector<std::int32_t> q(x.size());
  quantize<std::int32_t>(x, p, narrow_range(8), q);
  CHECK(q == std::vector<std::int32_t>{126, 113, 127, 59, 11, 23, 47, 73, 43, 27});
}

TEST_CASE("the interval is widened to contain 0, so 0 is exact", "[hand][prop]") {
  CHECK(choose_qparams(1.0F, 3.0F, signed_range(8)) == QuantParams{3.0F / 255.0F, -128});
  CHECK(choose_qparams(-3.0F, -1.0F, signed_range(8)) == QuantParams{3.0F / 255.0F, 127});
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    const auto a = static_cast<float>(rng.normal()), b = static_cast<float>(rng.normal());
    for (const Case& c : kCases) {
      const QuantRange range = c.ranges.scale_range;
      const QuantParams p = choose_qparams(std::min(a, b), std::max(a, b), range, c.scheme);
      REQUIRE(p.zero_point >= range.qmin);
      REQUIRE(p.zero_point <= range.qmax);
      REQUIRE(dequantize_value(quantize_value(0.0F, p, range), p) == 0.0F);
    }
  }
}

TEST_CASE("inside the interval the error is at most half a step, and integers come back",
          "[prop]") {
  // The end that the rounded zero point moves out of the grid may lose another half step; hence
  // 1 step there. 4 ulp of the largest |x| / s, below 256, cover the float arithmetic: 256 * 2^-22.
  Rng rng(2);
  for (int bits = 2; bits <= 8; ++bits)
    for (QuantRange range : {unsigned_range(bits), signed_range(bits), narrow_range(bits)}) {
      const QuantParams p = choose_qparams(-1.3F, 2.1F, range);
      for (int i = 0; i < 500; ++i) {
        const auto x = static_cast<float>(rng.uniform(-1.3, 2.1));
        const std::int32_t q = quantize_value(x, p, range);
        const float error = std::fabs(x - dequantize_value(q, p)) / p.scale;
        REQUIRE(error <= (q == range.qmin || q == range.qmax ? 1.0F : 0.5F) + 0x1p-14F);
      }
      for (std::int32_t q = range.qmin; q <= range.qmax; ++q)
        REQUIRE(quantize_value(dequantize_value(q, p), p, range) == q);
    }
}

TEST_CASE("what is outside is clamped, infinity too, and NaN is the zero point", "[hand]") {
  const QuantParams p{0.5F, 10};
  for (Rounding rule :
       {Rounding::half_even, Rounding::half_even_divide, Rounding::half_away_divide}) {
    CHECK(quantize_value(1e9F, p, signed_range(8), rule) == 127);
    CHECK(quantize_value(-1e9F, p, signed_range(8), rule) == -128);
    CHECK(quantize_value(1e30F, p, signed_range(8), rule) == 127);
    CHECK(quantize_value(kInfinity, p, signed_range(8), rule) == 127);
    CHECK(quantize_value(-kInfinity, p, signed_range(8), rule) == -128);
    CHECK(quantize_value(kNan, p, signed_range(8), rule) == 10);
    // A zero point outside the range stands for no integer of it: the nearest end.
    CHECK(quantize_value(kNan, {0.5F, 300}, unsigned_range(8), rule) == 255);
    CHECK(quantize_value(kNan, {0.5F, -5}, unsigned_range(8), rule) == 0);
    CHECK(quantize_value(0.0F, {0.5F, 300}, unsigned_range(8), rule) == 255);
    CHECK(quantize_value(0.0F, {0.5F, -5}, unsigned_range(8), rule) == 0);
  }
}

TEST_CASE("degenerate intervals have a written policy", "[hand]") {
  CHECK(choose_qparams(0.0F, 0.0F, unsigned_range(8)) == QuantParams{kSmallestScale, 0});
  CHECK(choose_qparams(-0.0F, 0.0F, signed_range(8), Scheme::symmetric) ==
        QuantParams{kSmallestScale, 0});
  CHECK(choose_qparams(1e-38F, 2e-38F, unsigned_range(8)).scale == kSmallestScale);
  for (const auto& [min, max] :
       {Interval{kNan, 1.0F}, {0.0F, kNan}, {0.0F, kInfinity}, {-kInfinity, 0.0F}, {1.0F, 0.0F}})
    for (Scheme scheme : {Scheme::affine, Scheme::symmetric})
      CHECK_THROWS_WITH(choose_qparams(min, max, unsigned_range(8), scheme),
                        QFS_CONTAINS("no scale exists"));
  CHECK_THROWS_WITH(choose_qparams(-3e38F, 3e38F, unsigned_range(8)), QFS_CONTAINS("too wide"));
  CHECK_THROWS_WITH(choose_qparams(0.0F, 1.0F, {5, 5}), QFS_CONTAINS("needs two"));
  CHECK_THROWS_WITH(choose_qparams(0.0F, 1.0F, {6, 5}), QFS_CONTAINS("needs two"));
  CHECK(min_max(std::vector<float>{3.0F, 2.0F, 4.0F}) == Interval{2.0F, 4.0F});
  CHECK(min_max(std::vector<float>{-3.0F, -2.0F, -4.0F}) == Interval{-4.0F, -2.0F});
  CHECK_THROWS_AS(min_max(std::span<const float>{}), Error);
  CHECK_THROWS_AS(min_max(std::vector<float>{1.0F, kNan}), Error);
  CHECK_THROWS_AS(min_max(std::vector<float>{kInfinity}), Error);
}

TEST_CASE("symmetric: the width may exceed float32, the ends of the grid may not", "[hand][ref]") {
  // 4e38 is no float32, 2e38 / 127.5 is. tests/reference/ch01.py, given_bounds().
  const QuantParams p = choose_qparams(-2e38F, 2e38F, signed_range(8), Scheme::symmetric);
  CHECK(p == QuantParams{2e38F / 127.5F, 0});
  CHECK(p.scale == load_reference<float, 1>("ch01/wide_scale")(0));
  CHECK(quantize_value(1e38F, p, signed_range(8)) == 64);  // 63.75
  // 3.4e38 is 127 steps of the narrow range; in the full one -128 steps lie beyond float32.
  const QuantParams narrow = choose_qparams(-3.4e38F, 3.4e38F, narrow_range(8), Scheme::symmetric);
  CHECK(narrow == QuantParams{3.4e38F / 127.0F, 0});
  CHECK(std::isfinite(dequantize_value(-127, narrow)));
  CHECK_THROWS_WITH(choose_qparams(-3.4e38F, 3.4e38F, signed_range(8), Scheme::symmetric),
                    QFS_CONTAINS("too wide"));
  CHECK_THROWS_WITH(choose_qparams(-3.4e38F, 3.4e38F, {-8, 9}, Scheme::symmetric),
                    QFS_CONTAINS("too wide"));  // z = 1, 9 steps below it of 3.4e38 / 8.5
  CHECK(choose_qparams(0.0F, 3.4e38F, unsigned_range(8)) == QuantParams{3.4e38F / 255.0F, 0});
  // The largest float32 / 127 is rounded up, so that 127 steps lie beyond the largest float32.
  CHECK_THROWS_WITH(choose_qparams(0.0F, std::numeric_limits<float>::max(), {0, 127}),
                    QFS_CONTAINS("too wide"));
}

TEST_CASE("the zero point is lo / s in float32: one division, no reciprocal, no double", "[hand]") {
  // s = 0.02 / 255: lo / s is -127.499992, lo * (1 / s) is -127.5, a tie that would give 128.
  // s = 0.1 / 255: lo / s is -25.5, a tie that gives 26; the double quotient is -25.4999998.
  CHECK(choose_qparams(-0.01F, 0.01F, unsigned_range(8)).zero_point == 127);
  CHECK(choose_qparams(-0.01F, 0.09F, unsigned_range(8)).zero_point == 26);
}

TEST_CASE("ties of the zero point go to even", "[hand]") {
  // 255 reals over 255 steps: s = 1, and -lo / s is 0.5, 1.5, 2.5.
  CHECK(choose_qparams(-0.5F, 254.5F, unsigned_range(8)) == QuantParams{1.0F, 0});
  CHECK(choose_qparams(-1.5F, 253.5F, unsigned_range(8)) == QuantParams{1.0F, 2});
  CHECK(choose_qparams(-2.5F, 252.5F, unsigned_range(8)) == QuantParams{1.0F, 2});
}

TEST_CASE("symmetric: 0 onto the middle, the largest magnitude onto the end", "[hand]") {
  CHECK(choose_qparams(-0.5F, 2.0F, narrow_range(8), Scheme::symmetric) ==
        QuantParams{2.0F / 127.0F, 0});
  CHECK(choose_qparams(-4.0F, 2.0F, signed_range(8), Scheme::symmetric) ==
        QuantParams{4.0F / 127.5F, 0});
  CHECK(choose_qparams(-4.0F, 2.0F, unsigned_range(8), Scheme::symmetric) ==
        QuantParams{4.0F / 127.5F, 128});
  CHECK(choose_qparams(-4.0F, 2.0F, unsigned_range(4), Scheme::symmetric).zero_point == 8);
  // A range that lies mostly below 0 has its middle there: -10..4 is -7..7 around -3.
  CHECK(choose_qparams(-4.0F, 2.0F, {-10, 4}, Scheme::symmetric) == QuantParams{4.0F / 7.0F, -3});
  CHECK(choose_qparams(-4.0F, 2.0F, {-10, 3}, Scheme::symmetric).zero_point == -3);  // -3.5, up
}

TEST_CASE("a type that cannot hold the range is refused, and so are spans of two lengths",
          "[hand]") {
  std::vector<float> x = {1.0F, 2.0F};
  std::vector<std::int8_t> q(2);
  CHECK_THROWS_AS(quantize<std::int8_t>(x, {1.0F, 0}, unsigned_range(8), q), Error);
  CHECK_NOTHROW(quantize<std::int8_t>(x, {1.0F, 0}, signed_range(8), q));
  std::vector<std::uint8_t> u(2);
  CHECK_THROWS_AS(quantize<std::uint8_t>(x, {1.0F, 0}, {-1, 100}, u), Error);
  CHECK_THROWS_AS(quantize<std::uint8_t>(x, {1.0F, 0}, {0, 256}, u), Error);
  CHECK_NOTHROW(quantize<std::uint8_t>(x, {1.0F, 0}, {0, 255}, u));
  std::vector<std::int8_t> shorter(1);
  CHECK_THROWS_AS(quantize<std::int8_t>(x, {1.0F, 0}, signed_range(8), shorter), Error);
  CHECK_THROWS_AS(dequantize<std::int8_t>(shorter, {1.0F, 0}, x), Error);
  std::vector<float> one(1);
  CHECK_THROWS_AS(quantize<std::int8_t>(one, {1.0F, 0}, signed_range(8), q), Error);
  CHECK_THROWS_AS(dequantize<std::int8_t>(q, {1.0F, 0}, one), Error);
}

TEST_CASE("layouts: which parameter an element uses", "[hand]") {
  const std::vector<std::size_t> shape = {2, 3, 4};
  CHECK(make_layout(shape, {}).param_count() == 1);
  const auto axis0 = make_layout(shape, {GranularityKind::per_channel, 0, 0});
  CHECK(axis0.param_of(11) == 0);
  CHECK(axis0.param_of(12) == 1);
  const auto axis1 = make_layout(shape, {GranularityKind::per_channel, 1, 0});
  CHECK(axis1.param_count() == 3);
  CHECK(axis1.outer == 2);
  CHECK(axis1.inner == 4);
  CHECK(axis1.param_of(3) == 0);
  CHECK(axis1.param_of(4) == 1);
  CHECK(axis1.param_of(12) == 0);  // the second outer block starts again
  const auto axis2 = make_layout(shape, {GranularityKind::per_channel, 2, 0});
  CHECK(axis2.param_of(5) == 1);
  // groups of 3 along rows of 4: 3 + 1 elements, two groups in each of six rows
  const auto groups = make_layout(shape, {GranularityKind::per_group, 0, 3});
  CHECK(groups.param_count() == 12);
  CHECK(groups.param_of(2) == 0);
  CHECK(groups.param_of(3) == 1);
  CHECK(groups.param_of(4) == 2);
  CHECK(make_layout(shape, {GranularityKind::per_group, 0, 1}).param_count() == 24);
  CHECK_THROWS_AS(make_layout(shape, {GranularityKind::per_channel, 3, 0}), Error);
  CHECK_THROWS_AS(make_layout(shape, {GranularityKind::per_group, 0, 0}), Error);
  const std::vector<std::size_t> empty = {2, 0};
  CHECK(make_layout(empty, {}).param_count() == 1);
  CHECK(make_layout(empty, {GranularityKind::per_channel, 0, 0}).param_count() == 2);
  // A scalar is one element with one parameter. It has no last axis to cut into groups.
  const std::vector<std::size_t> scalar;
  CHECK(make_layout(scalar, {}).param_count() == 1);
  CHECK_THROWS_AS(make_layout(scalar, {GranularityKind::per_group, 0, 2}), Error);
  CHECK_THROWS_AS(make_layout(scalar, {GranularityKind::per_channel, 0, 0}), Error);
}

TEST_CASE("the interval of each channel is its own, and does not start at 0", "[hand]") {
  const auto layout =
      make_layout(std::vector<std::size_t>{2, 3}, {GranularityKind::per_channel, 0, 0});
  const std::vector<float> x = {2.0F, 1.0F, 3.0F, -5.0F, -4.0F, -6.0F};
  CHECK(min_max_per_param(x, layout) == std::vector<Interval>{{1.0F, 3.0F}, {-6.0F, -4.0F}});
  for (float bad : {kNan, kInfinity, -kInfinity}) {
    std::vector<float> broken = x;
    broken[4] = bad;
    CHECK_THROWS_AS(min_max_per_param(broken, layout), Error);
  }
  CHECK_THROWS_AS(min_max_per_param(std::span<const float>{}, layout), Error);
}

TEST_CASE("a short last group has its own scale", "[hand]") {
  const std::vector<float> x = {1.0F, -7.0F, 0.5F};
  const std::vector<std::size_t> shape = {1, 3};
  const auto layout = make_layout(shape, {GranularityKind::per_group, 0, 2});
  const auto params =
      choose_qparams(min_max_per_param(x, layout), narrow_range(4), Scheme::symmetric);
  REQUIRE(params.size() == 2);
  CHECK(params[0].scale == 1.0F);         // 7 / 7
  CHECK(params[1].scale == 0.5F / 7.0F);  // the group of one
  std::vector<std::int8_t> q(3);
  quantize<std::int8_t>(x, layout, params, narrow_range(4), q);
  CHECK(q == std::vector<std::int8_t>{1, -7, 7});
  std::vector<float> back(3);
  dequantize<std::int8_t>(q, layout, params, back);
  CHECK(back == x);
  const auto one = std::span(params).first(1);
  CHECK_THROWS_AS(quantize<std::int8_t>(x, layout, one, narrow_range(4), q), Error);
  CHECK_THROWS_AS(dequantize<std::int8_t>(q, layout, one, back), Error);
  const std::vector<QuantParams> three(3, params[0]);
  CHECK_THROWS_AS(quantize<std::int8_t>(x, layout, three, narrow_range(4), q), Error);
  CHECK_THROWS_AS(dequantize<std::int8_t>(q, layout, three, back), Error);
  for (std::size_t other : {2U, 4U}) {
    std::vector<std::int8_t> other_q(other);
    std::vector<float> other_back(other);
    CHECK_THROWS_AS(quantize<std::int8_t>(x, layout, params, narrow_range(4), other_q), Error);
    CHECK_THROWS_AS(dequantize<std::int8_t>(q, layout, params, other_back), Error);
  }
}

TEST_CASE("error measures on four numbers by hand", "[hand]") {
  // errors 0.5, 0, -1, 0: max 1, MAE 1.5/4, MSE 1.25/4; sum x^2 = 1 + 4 + 9 + 16 = 30.
  const std::vector<float> x = {1, 2, 3, 4}, y = {0.5F, 2, 4, 4};
  const ErrorMeasures e = measure_error(x, y);
  CHECK(e.max_abs == 1.0);
  CHECK(e.mae == 0.375);
  CHECK(e.mse == 0.3125);
  CHECK(e.sqnr_db == 10.0 * std::log10(30.0 / 1.25));
  CHECK(e.psnr_db == 10.0 * std::log10(9.0 / 0.3125));  // peak 4 - 1 = 3
  CHECK(e.cosine == 32.5 / std::sqrt(30.0 * 36.25));    // 0.5+4+12+16; .25+4+16+16
  const ErrorMeasures same = measure_error(x, x);
  CHECK(same.sqnr_db == HUGE_VAL);
  CHECK(same.cosine == 1.0);
  const std::vector<float> zeros(4);
  CHECK(measure_error(zeros, zeros).cosine == 1.0);
  CHECK(measure_error(zeros, zeros).sqnr_db == HUGE_VAL);  // not 0 / 0
  CHECK(measure_error(zeros, zeros).psnr_db == HUGE_VAL);
  CHECK(measure_error(x, zeros).cosine == 0.0);
  CHECK(measure_error(zeros, x).cosine == 0.0);
  // The peak is that of x, 1, though y reaches from 0 to 3; mse 1.
  CHECK(measure_error(std::vector<float>{1, 2}, std::vector<float>{0, 3}).psnr_db == 0.0);
  CHECK_THROWS_AS(measure_error(x, std::span(y).first(3)), Error);
  CHECK_THROWS_AS(measure_error(std::span(x).first(3), y), Error);
  CHECK_THROWS_AS(measure_error(std::span<const float>{}, std::span<const float>{}), Error);
}

TEST_CASE("a NaN in a reconstruction is not hidden", "[hand]") {
  const std::vector<float> x = {1, 2}, y = {1, kNan};
  CHECK(std::isnan(measure_error(x, y).mse));
  CHECK(std::isnan(measure_error(x, y).max_abs));
}

// Chapter 17: scales in 16 bits, integers without a gap, and weights in groups.
#include <cmath>
#include <limits>

#include "01_affine_math/errors.hpp"
#include "17_int4_weights/float16.hpp"
#include "17_int4_weights/group_weight.hpp"
#include "17_int4_weights/lesson/paper_example.hpp"
#include "17_int4_weights/pack_bits.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
namespace paper = qfs::ch17::paper;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr int kBits[] = {2, 3, 4, 8};

constexpr Granularity groups_of(std::size_t size) { return {GranularityKind::per_group, 0, size}; }

using Bytes = std::vector<std::uint8_t>;
using Integers = std::vector<std::int8_t>;

Bytes packed(const Integers& q, int bits) {
  Bytes bytes(packed_bytes(q.size(), bits), 0xEE);
  pack_bits(q, bits, bytes);
  return bytes;
}

Integers unpacked(const Bytes& bytes, int bits, std::size_t count) {
  Integers q(count);
  unpack_bits(bytes, bits, q);
  return q;
}

Matrix<float> random_reals(Rng& rng, std::size_t N, std::size_t K) {
  auto w = make_tensor<float>({N, K});
  for (float& value : values(w)) value = static_cast<float>(rng.normal());
  return w;
}

}  // namespace

TEST_CASE("float16 equals NumPy's", "[ref]") {
  // tests/reference/ch17.py, float16(): any bits, ties, the neighbours of ties
  const auto x = load_reference<float, 1>("ch17/float16_x");
  const auto bits = load_reference<std::int32_t, 1>("ch17/float16_bits");
  REQUIRE((x.size() == bits.size() && x.size() > 6000));
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) wrong += to_float16(x(i)) != bits(i) ? 1 : 0;
  CHECK(wrong == 0);
}

TEST_CASE("every float16 there and back; every tie goes to the even one, its neighbours do not",
          "[prop]") {
  std::size_t wrong = 0;
  for (unsigned half = 0; half < 0x10000; ++half) {
    const float real = from_float16(static_cast<std::uint16_t>(half));
    const bool is_nan = (half & 0x7FFFU) > 0x7C00U;
    wrong += std::isnan(real) != is_nan || (!is_nan && to_float16(real) != half) ? 1 : 0;
    if ((half & 0x7FFFU) >= 0x7C00U) continue;
    // Between it and the next one in magnitude; beyond the largest, 65536 would be the next.
    const auto next = static_cast<std::uint16_t>(half + 1);
    const float above =
        (next & 0x7FFFU) == 0x7C00U ? std::copysign(65536.0F, real) : from_float16(next);
    const float tie = (real + above) / 2.0F;  // one bit more than a float16 has: exact
    wrong += to_float16(tie) != (half % 2 == 0 ? half : next) ? 1 : 0;
    wrong += to_float16(std::nextafter(tie, 0.0F)) != half ? 1 : 0;
    wrong += to_float16(std::nextafter(tie, std::copysign(kInfinity, tie))) != next ? 1 : 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("float16 of what is no number, and of what is too small or too large", "[hand]") {
  CHECK((to_float16(kInfinity) == 0x7C00 && to_float16(-kInfinity) == 0xFC00));
  CHECK((to_float16(3e38F) == 0x7C00 && to_float16(-1e10F) == 0xFC00));
  CHECK((to_float16(kNaN) == 0x7E00 && to_float16(std::copysign(kNaN, -1.0F)) == 0xFE00));
  CHECK((to_float16(1e-40F) == 0 && to_float16(-1e-40F) == 0x8000));
  CHECK((to_float16(-0.0F) == 0x8000 && std::signbit(from_float16(0x8000))));
  // The smallest scale of chapter 01 is float16's second smallest number.
  CHECK(to_float16(kSmallestScale) == 2);
}

TEST_CASE("codes lie as on paper", "[hand]") {
  CHECK(packed({-3, 7, 0, -8}, 4) == Bytes{0xF5, 0x08});  // 5 + 16 * 15, 8 + 16 * 0
  CHECK(packed({-2, -1, 0, 1}, 2) == Bytes{0xE4});        // 0 + 4 * 1 + 16 * 2 + 64 * 3
  // Codes 0 1 2 3 4 5 6 7: 0 + 1 * 8 + 2 * 64 + ... = 0xFAC688
  CHECK(packed({-4, -3, -2, -1, 0, 1, 2, 3}, 3) == Bytes{0x88, 0xC6, 0xFA});
  CHECK(packed({-128, 127}, 8) == Bytes{0x00, 0xFF});
  CHECK(packed({-3, 7, 0}, 4) == Bytes{0xF5, 0x08});  // what is left of the last byte is 0
  CHECK(packed({}, 4).empty());
  CHECK((packed_bytes(100, 3) == 38 && packed_bytes(8, 3) == 3 && packed_bytes(9, 3) == 4));
}

TEST_CASE("packing goes there and back: every value at every place", "[prop]") {
  Rng rng(1701);
  for (int bits : kBits)
    for (std::size_t count = 0; count <= 40; ++count)
      for (std::int32_t v = signed_range(bits).qmin; v <= signed_range(bits).qmax; ++v) {
        Integers q(count);
        for (std::int8_t& value : q)
          value = static_cast<std::int8_t>(signed_range(bits).qmin +
                                           static_cast<std::int32_t>(rng.below(1U << bits)));
        if (count > 0) q[rng.below(count)] = static_cast<std::int8_t>(v);
        if (unpacked(packed(q, bits), bits, count) != q) FAIL("bits " << bits << ", " << count);
      }
  SUCCEED();
}

TEST_CASE("packing equals NumPy's packbits", "[ref]") {
  // tests/reference/ch17.py, packed()
  for (int bits : kBits) {
    const std::string name = "ch17/b" + std::to_string(bits);
    const auto expected = load_reference<std::uint8_t, 2>(name + "_packed");
    const GroupWeight w =
        quantize_groups(load_reference<float, 2>("ch17/weight"), bits, groups_of(32));
    REQUIRE(expected.shape(1) == packed_bytes(70, bits));
    for (std::size_t n = 0; n < 5; ++n) {
      Bytes bytes(expected.shape(1));
      pack_bits(row(w.q, n), bits, bytes);
      CHECK(difference<std::uint8_t>(bytes, row(expected, n)) == "");
    }
  }
}

TEST_CASE("packing refuses what it cannot hold", "[hand]") {
  Bytes two(2);
  Integers four(4);
  for (int bits : {-4, 0, 1, 5, 6, 7, 9, 16}) {
    CHECK_THROWS_AS(pack_bits(four, bits, two), Error);
    CHECK_THROWS_AS(unpack_bits(two, bits, four), Error);
    CHECK_THROWS_AS(quantize_groups(make_tensor<float>({1, 4}), bits, groups_of(2)), Error);
  }
  CHECK_THROWS_AS(pack_bits(Integers{8, 0, 0, 0}, 4, two), Error);
  CHECK_THROWS_AS(pack_bits(Integers{0, 0, 0, -9}, 4, two), Error);
  CHECK_THROWS_AS(pack_bits(Integers(5), 4, two), Error);
  CHECK_THROWS_AS(pack_bits(Integers(2), 4, two), Error);
  CHECK_THROWS_AS(unpack_bits(Bytes(3), 4, four), Error);
}

TEST_CASE("groups on paper", "[hand]") {
  const GroupWeight w = quantize_groups(paper::weight(), 4, groups_of(4));
  CHECK(difference<std::int8_t>(values(w.q), paper::kIntegers) == "");
  CHECK(difference<float>(values(w.scale), paper::kScales) == "");
  CHECK(stored_bytes(w) == 8);  // 4 bytes of codes, 2 float16
  const GroupWeight one = quantize_groups(paper::weight(), 4, {GranularityKind::per_channel, 0, 0});
  CHECK(difference<std::int8_t>(values(one.q), paper::kIntegersOfOneScale) == "");
}

TEST_CASE("integers and scales are PyTorch's, for all bits and group sizes", "[ref]") {
  // tests/reference/ch17.py, groups(): PerChannelMinMaxObserver and fake_quantize of every group
  const auto weight = load_reference<float, 2>("ch17/weight");
  constexpr std::size_t kGroups[] = {1, 7, 16, 32, 64, 128};
  for (int bits : kBits) {
    const std::string name = "ch17/b" + std::to_string(bits);
    const auto q = load_reference<std::int8_t, 3>(name + "_q");
    const auto scales = load_reference<float, 3>(name + "_scales");
    for (std::size_t i = 0; i < std::size(kGroups); ++i) {
      INFO(bits << " bits, groups of " << kGroups[i]);
      const GroupWeight w = quantize_groups(weight, bits, groups_of(kGroups[i]));
      std::vector<float> of_each;
      for (std::size_t n = 0; n < 5; ++n)
        for (std::size_t k = 0; k < 70; ++k) of_each.push_back(w.scale_of(n, k / w.group_size));
      CHECK(difference<std::int8_t>(values(w.q), values(q).subspan(i * 350, 350)) == "");
      CHECK(difference<float>(of_each, values(scales).subspan(i * 350, 350)) == "");
      CHECK((w.scale.shape(0) == 5 && w.scale.shape(1) == (69 + kGroups[i]) / kGroups[i]));
    }
    const GroupWeight w = quantize_groups(weight, bits, groups_of(32), ScaleFormat::float32);
    CHECK(difference(w.q, load_reference<std::int8_t, 2>(name + "_float_q")) == "");
    CHECK(difference(w.scale, load_reference<float, 2>(name + "_float_scale")) == "");
  }
}

TEST_CASE("one scale for the matrix, one for a row: groups of all inputs", "[prop]") {
  Rng rng(1702);
  const Matrix<float> weight = random_reals(rng, 6, 50);
  const GroupWeight channel = quantize_groups(weight, 4, {GranularityKind::per_channel, 0, 0});
  CHECK((channel.groups() == 1 && channel.scale.size() == 6 && stored_bytes(channel) == 162));
  for (std::size_t size : {50U, 51U, 1000U}) {
    const GroupWeight group = quantize_groups(weight, 4, groups_of(size));
    CHECK((group.q == channel.q && group.scale == channel.scale && group.groups() == 1));
  }
  const GroupWeight tensor = quantize_groups(weight, 4, {});
  CHECK((tensor.scale.size() == 1 && tensor.groups() == 1 && stored_bytes(tensor) == 152));
  const Interval all = min_max(values(weight));
  const QuantParams p = choose_qparams(all.min, all.max, signed_range(4), Scheme::symmetric);
  CHECK(tensor.scale(0, 0) == from_float16(to_float16(p.scale)));
  CHECK(stored_bytes(quantize_groups(weight, 4, {}, ScaleFormat::float32)) == 154);
  CHECK(stored_bytes(quantize_groups(weight, 3, groups_of(32))) == 6 * (19 + 4));
}

TEST_CASE("no weight is farther from its integer than half a step, clamped or not", "[prop]") {
  Rng rng(1703);
  for (int bits : kBits)
    for (std::size_t size : {1U, 3U, 32U, 200U}) {
      const Matrix<float> weight = random_reals(rng, 4, 101);
      const GroupWeight w = quantize_groups(weight, bits, groups_of(size), ScaleFormat::float32);
      const Matrix<float> back = dequantize(w);
      std::size_t wrong = 0;
      for (std::size_t n = 0; n < 4; ++n)
        for (std::size_t k = 0; k < 101; ++k) {
          const float step = w.scale_of(n, k / size);
          // A value above qmax + 1/2 steps is clamped: at most max |w| = (qmax + 1/2) steps. Half a
          // step all the same; three roundings of float32 beside it.
          wrong += !(std::fabs(back(n, k) - weight(n, k)) <= 0.5F * step * 1.0001F) ? 1 : 0;
        }
      INFO(bits << " bits, groups of " << size);
      CHECK(wrong == 0);
    }
}

TEST_CASE("a group of zeros has the smallest scale, and zeros", "[hand]") {
  auto weight = make_tensor<float>({2, 6});
  weight(0, 5) = 1.0F;
  for (ScaleFormat format : {ScaleFormat::float16, ScaleFormat::float32}) {
    const GroupWeight w = quantize_groups(weight, 4, groups_of(4), format);
    CHECK(w.scale(0, 0) == kSmallestScale);
    CHECK((w.scale(1, 0) == kSmallestScale && w.scale(1, 1) == kSmallestScale));
    CHECK(w.q(0, 5) == 7);
    CHECK(std::ranges::count(values(w.q), std::int8_t{0}) == 11);
    CHECK_NOTHROW(require_valid(w, "w"));
  }
}

// Between 2^-24 multiples a scale has few digits; the integers belong to the rounded one.
TEST_CASE("tiny weights: the scale is a multiple of 2^-24, and the integers are its own",
          "[hand]") {
  Matrix<float> weight = {{7.5F * 0x1.8p-23F, -0x1.8p-23F}};  // scale 3 * 2^-24, exact
  CHECK(quantize_groups(weight, 4, groups_of(2)).q(0, 1) == -1);
  weight = {{7.5F * 0x1.4p-23F, 0x1.Cp-22F}};  // 2.5 * 2^-24: half to even, 2 * 2^-24
  const GroupWeight w = quantize_groups(weight, 4, groups_of(2));
  CHECK(w.scale(0, 0) == 0x1p-23F);
  CHECK(w.q(0, 1) == 4);  // 3.5 of them, to even; of the scale before rounding it is 2.8
  CHECK(w.q(0, 0) == 7);  // 9.375, clamped
}

TEST_CASE("bad weights are refused", "[hand]") {
  auto weight = make_tensor<float>({2, 6}, 1.0F);
  CHECK_THROWS_AS(quantize_groups(weight, 4, groups_of(0)), Error);
  CHECK_THROWS_AS(quantize_groups(weight, 4, {GranularityKind::per_channel, 1, 0}), Error);
  CHECK_THROWS_AS(quantize_groups(make_tensor<float>({0, 6}), 4, groups_of(2)), Error);
  CHECK_THROWS_AS(quantize_groups(make_tensor<float>({6, 0}), 4, groups_of(2)), Error);
  for (float bad : {kNaN, kInfinity, -kInfinity}) {
    weight(1, 3) = bad;
    CHECK_THROWS_AS(quantize_groups(weight, 4, groups_of(2)), Error);
  }
  weight(1, 3) = 1e6F;  // scale 133 333: no float16
  CHECK_THROWS_WITH(quantize_groups(weight, 4, groups_of(2)), QFS_CONTAINS("float32"));
  CHECK_NOTHROW(quantize_groups(weight, 4, groups_of(2), ScaleFormat::float32));
}

TEST_CASE("a weight that was made by hand is checked", "[hand]") {
  const GroupWeight good = quantize_groups(paper::weight(), 4, groups_of(4));
  CHECK_NOTHROW(require_valid(good, "w"));
  const auto refused = [&](auto&& change) {
    GroupWeight bad = good;
    change(bad);
    CHECK_THROWS_AS(require_valid(bad, "w"), Error);
  };
  refused([](GroupWeight& w) { w.q(0, 3) = 8; });
  refused([](GroupWeight& w) { w.q(0, 0) = -9; });
  refused([](GroupWeight& w) { w.bits = 5; });
  refused([](GroupWeight& w) { w.group_size = 0; });
  refused([](GroupWeight& w) { w.group_size = 3; });
  refused([](GroupWeight& w) { w.scale(0, 1) = 0.0F; });
  refused([](GroupWeight& w) { w.scale(0, 1) = -1.0F; });
  refused([](GroupWeight& w) { w.scale(0, 1) = kNaN; });
  refused([](GroupWeight& w) { w.scale(0, 1) = kInfinity; });
  refused([](GroupWeight& w) { w.scale(0, 1) = 0.1F; });  // no float16
  refused([](GroupWeight& w) { w.scale = make_tensor<float>({1, 3}, 1.0F); });
  refused([](GroupWeight& w) { w.scale = make_tensor<float>({2, 1}, 1.0F); });
  refused([](GroupWeight& w) { w.scale = make_tensor<float>({1, 1}, 1.0F); });  // of two groups
  refused([](GroupWeight& w) { w.q = Matrix<std::int8_t>(); });
}

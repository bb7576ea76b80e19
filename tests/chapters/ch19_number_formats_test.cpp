// Chapter 19: number formats, against numbers by hand and against NumPy's.
#include <limits>
#include <type_traits>

#include "04_mnist_mlp/mlp.hpp"
#include "17_int4_weights/float16.hpp"
#include "19_number_formats/lesson/formats.hpp"
#include "19_number_formats/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs;
using qfs::test::load_reference;
using qfs::test::same_bits;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Named {
  const char* name;
  FloatFormat format;
};
constexpr Named kNamed[] = {{"e4m3", kE4M3}, {"e5m2", kE5M2}, {"e2m1", kE2M1}};

std::uint32_t all_codes(FloatFormat f) { return 2 * f.sign_bit(); }

// The bytes of a block as ggml lays them out: the scale's low byte first.
std::vector<std::uint8_t> bytes_of(const BlockQ4_0& b) {
  std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(b.scale & 255),
                                     static_cast<std::uint8_t>(b.scale >> 8)};
  bytes.insert(bytes.end(), b.q.begin(), b.q.end());
  return bytes;
}
std::vector<std::uint8_t> bytes_of(const BlockQ8_0& b) {
  std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(b.scale & 255),
                                     static_cast<std::uint8_t>(b.scale >> 8)};
  for (std::int8_t q : b.q) bytes.push_back(static_cast<std::uint8_t>(q));
  return bytes;
}
std::vector<std::uint8_t> bytes_of(const BlockMxfp4& b) {
  std::vector<std::uint8_t> bytes = {b.scale};
  bytes.insert(bytes.end(), b.codes.begin(), b.codes.end());
  return bytes;
}

template <class Block>
std::vector<float> there_and_back(std::span<const float> x) {
  std::vector<float> y(x.size(), kNan);
  from_blocks<Block>(to_blocks<Block>(x), y);
  return y;
}

template <class Block>
void check_against_numpy(const std::string& name) {
  const auto row = load_reference<float, 1>("ch19/row");
  const auto bytes = load_reference<std::uint8_t, 2>("ch19/" + name + "_bytes");
  const auto y = load_reference<float, 1>("ch19/" + name + "_y");
  const std::vector<Block> blocks = to_blocks<Block>(values(row));
  REQUIRE(blocks.size() == bytes.shape(0));
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    INFO(name << ", block " << i);
    CHECK(test::difference<std::uint8_t>(bytes_of(blocks[i]), qfs::row(bytes, i)) == "");
  }
  CHECK(test::difference<float>(there_and_back<Block>(values(row)), values(y)) == "");
}

std::vector<float> nf4_there_and_back(std::span<const float> x) {
  std::vector<float> y(x.size(), kNan);
  dequantize_nf4(quantize_nf4(x), y);
  return y;
}

Matrix<float> as_matrix(std::size_t rows, std::span<const float> x) {
  Matrix<float> w = make_tensor<float>({rows, x.size() / rows});
  std::ranges::copy(x, values(w).begin());
  return w;
}

// Numbers of scale 2^-6 to 2^6.
std::vector<float> draws(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> x(count);
  for (float& value : x)
    value = static_cast<float>(rng.normal()) * power_of_two(static_cast<int>(rng.below(13)) - 6);
  return x;
}

}  // namespace

TEST_CASE("every code of every float format stands for what NumPy says", "[ref]") {
  // tests/reference/ch19.py, small_floats(): decoded()
  for (const auto& [name, format] : kNamed) {
    const auto expected = load_reference<float, 1>(std::string("ch19/") + name + "_values");
    REQUIRE(expected.size() == all_codes(format));
    for (std::uint32_t code = 0; code < expected.size(); ++code) {
      INFO(name << ", code " << code);
      const float value = decode_float(code, format);
      CHECK((std::isnan(expected(code)) ? std::isnan(value) : same_bits(value, expected(code))));
    }
  }
}

TEST_CASE("encoding finds NumPy's nearest code, ties, overflow and all", "[ref]") {
  // tests/reference/ch19.py, small_floats(): encoded() of numbers_to_encode()
  for (const auto& [name, format] : kNamed) {
    const std::string prefix = std::string("ch19/") + name;
    const auto x = load_reference<float, 1>(prefix + "_x");
    const auto saturated = load_reference<std::uint8_t, 1>(prefix + "_saturated");
    REQUIRE(x.size() > 300);
    for (std::size_t i = 0; i < x.size(); ++i) {
      INFO(name << ", " << x(i));
      CHECK(encode_float(x(i), format) == saturated(i));
    }
    if (format.not_finite == NotFinite::none) continue;
    const auto unsaturated = load_reference<std::uint8_t, 1>(prefix + "_unsaturated");
    for (std::size_t i = 0; i < x.size(); ++i) {
      INFO(name << ", not saturated, " << x(i));
      CHECK(encode_float(x(i), format, Overflow::not_finite) == unsaturated(i));
    }
  }
}

TEST_CASE("chapter 17's float16 and the one by its bits equal NumPy's both ways", "[ref]") {
  // tests/reference/ch19.py, float16()
  const auto codes = load_reference<std::uint16_t, 1>("ch19/float16_codes");
  const auto decoded = load_reference<float, 1>("ch19/float16_values");
  REQUIRE(codes.size() > 1700);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    INFO("code " << codes(i));
    CHECK(same_bits(from_float16(codes(i)), decoded(i)));
    CHECK(same_bits(decode_float(codes(i), kFloat16), decoded(i)));
  }
  const auto x = load_reference<float, 1>("ch19/float16_x");
  const auto encoded = load_reference<std::uint16_t, 1>("ch19/float16_encoded");
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO(x(i));
    CHECK(to_float16(x(i)) == encoded(i));
    CHECK(encode_float(x(i), kFloat16, Overflow::not_finite) == encoded(i));
  }
}

TEST_CASE("Q8_0, Q4_0 and MXFP4 equal NumPy's to the byte", "[ref]") {
  // tests/reference/ch19.py, block_formats()
  check_against_numpy<BlockQ8_0>("q8_0");
  check_against_numpy<BlockQ4_0>("q4_0");
  check_against_numpy<BlockMxfp4>("mxfp4");
}

TEST_CASE("NF4 equals NumPy's to the byte, thresholds those of bitsandbytes", "[ref]") {
  // tests/reference/ch19.py, block_formats(): nf4()
  const auto row = load_reference<float, 1>("ch19/row");
  const auto absmax = load_reference<float, 1>("ch19/nf4_absmax");
  const auto codes = load_reference<std::uint8_t, 1>("ch19/nf4_codes");
  const auto y = load_reference<float, 1>("ch19/nf4_y");
  const Nf4Tensor tensor = quantize_nf4(values(row));
  CHECK(test::difference<float>(tensor.absmax, values(absmax)) == "");
  CHECK(test::difference<std::uint8_t>(tensor.codes, values(codes)) == "");
  CHECK(test::difference<float>(nf4_there_and_back(values(row)), values(y)) == "");
  const auto thresholds = load_reference<float, 1>("ch19/nf4_thresholds");
  REQUIRE(thresholds.size() == 15);
  for (std::uint8_t i = 0; i < 15; ++i) {
    INFO("threshold " << int{i});
    CHECK(nearest_code(thresholds(i), kNf4) == i);  // a tie goes down
    CHECK(nearest_code(std::nextafter(thresholds(i), 2.0F), kNf4) == i + 1);
  }
}

TEST_CASE("the trained weights have the SQNR that NumPy and PyTorch find", "[ref]") {
  // tests/reference/ch19.py, trained_weights(). Both sum in double, in another order: 78 400 terms
  // err by less than 78400 * 2^-53 = 9e-12, relative, which is 4e-11 dB; asked for: 1e-9 dB.
  const auto expected = load_reference<double, 2>("ch19/sqnr");
  const Mlp mlp = load_mlp(test::reference_weights());
  REQUIRE(shape_of(expected) == std::vector<std::size_t>{3, ch19::kFormats.size()});
  for (std::size_t layer = 0; layer < 3; ++layer)
    for (std::size_t f = 0; f < ch19::kFormats.size(); ++f) {
      INFO("layer " << layer + 1 << ", " << ch19::kFormats[f].name);
      const Matrix<float>& w = mlp.layers[layer].weight;
      CHECK(std::fabs(ch19::sqnr_db(w, ch19::kFormats[f].store(w)) - expected(layer, f)) < 1e-9);
    }
}

TEST_CASE("0.3 in nine formats: NumPy and PyTorch agree with the paper", "[ref]") {
  // tests/reference/ch19.py, paper(). By hand to four decimals.
  const auto expected = load_reference<float, 1>("ch19/paper");
  REQUIRE(expected.size() == ch19::paper::kByHand.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(ch19::paper::kByHand[i].format);
    const double by_numpy = expected(i);
    CHECK(expected(i) == ch19::paper::kByHand[i].by_numpy);
    CHECK(std::fabs(by_numpy - ch19::paper::kByHand[i].becomes) <= 5.1e-5);
  }
}

TEST_CASE("0.3 in E4M3 and E5M2, bit by bit", "[hand]") {
  // 0.3 = 1.2 * 2^-2. E4M3: E = -2 + 7 = 5, M = 0.2 * 8 = 1.6 -> 2: 0 0101 010.
  STATIC_REQUIRE(encode_float(0.3F, kE4M3) == 0b0'0101'010);
  STATIC_REQUIRE(decode_float(0b0'0101'010, kE4M3) == 0.3125F);
  STATIC_REQUIRE(encode_float(-0.3F, kE4M3) == 0b1'0101'010);
  // E5M2: E = -2 + 15 = 13, M = 0.2 * 4 = 0.8 -> 1: 0 01101 01.
  STATIC_REQUIRE(encode_float(0.3F, kE5M2) == 0b0'01101'01);
  // E2M1: 0.3 lies between 0 and 0.5, nearer to 0.5: E = 0, M = 1.
  STATIC_REQUIRE(encode_float(0.3F, kE2M1) == 0b0'00'1);
  // float16: E = 13, M = 0.2 * 1024 = 204.8 -> 205.
  STATIC_REQUIRE(to_float16(0.3F) == (13 << 10) + 205);
  // 1.9375 = 31 steps of a sixteenth, halfway between 15/8 and 16/8: even, carried into E.
  STATIC_REQUIRE(encode_float(1.9375F, kE4M3) == 0b0'1000'000);
  // 1.0625 is halfway between 8/8 and 9/8: down to the even one; 1.1875 between 9/8 and 10/8: up.
  STATIC_REQUIRE(encode_float(1.0625F, kE4M3) == 0b0'0111'000);
  STATIC_REQUIRE(encode_float(1.1875F, kE4M3) == 0b0'0111'010);
}

TEST_CASE("subnormal numbers and below", "[hand]") {
  // E4M3: the step below 2^-6 is 2^-9. Half of it is a tie: to 0, which is even; a tie at 1.5:
  // to 2.
  STATIC_REQUIRE(encode_float(power_of_two(-10), kE4M3) == 0);
  STATIC_REQUIRE(encode_float(1.5F * power_of_two(-9), kE4M3) == 2);
  STATIC_REQUIRE(encode_float(1.0001F * power_of_two(-10), kE4M3) == 1);
  STATIC_REQUIRE(encode_float(7.5F * power_of_two(-9), kE4M3) == 8);  // becomes the normal 2^-6
  STATIC_REQUIRE(decode_float(8, kE4M3) == power_of_two(-6));
  STATIC_REQUIRE(encode_float(-power_of_two(-40), kE4M3) == 0x80);  // -0
  CHECK(same_bits(decode_float(0x80, kE4M3), -0.0F));
  // float32's own subnormal numbers: far below E5M2's, but not below those of a format whose
  // smallest number is 2^-126.
  constexpr FloatFormat kTiny = {7, 7, 120, NotFinite::none};
  STATIC_REQUIRE(decode_float(1, kTiny) == 0x1p-126F);
  STATIC_REQUIRE(encode_float(0x1.8p-127F, kTiny) == 1 && encode_float(0x1p-127F, kTiny) == 0);
  STATIC_REQUIRE(encode_float(1e-45F, kE5M2) == 0 && to_float16(-1e-40F) == 0x8000);
}

TEST_CASE("overflow, infinity and NaN are those of ONNX's tables", "[hand]") {
  constexpr auto kNot = Overflow::not_finite;
  // E4M3: 448 is the largest; 464 would be the tie with 480, and 448 has the even mantissa.
  CHECK(encode_float(464.0F, kE4M3, kNot) == 0x7E);
  CHECK(encode_float(464.1F, kE4M3, kNot) == 0x7F);
  CHECK(encode_float(464.1F, kE4M3) == 0x7E);
  CHECK(encode_float(-1e30F, kE4M3) == 0xFE);
  CHECK(encode_float(kInfinity, kE4M3) == 0x7E);
  CHECK(encode_float(-kInfinity, kE4M3, kNot) == 0xFF);
  CHECK(std::isnan(decode_float(0x7F, kE4M3)));
  CHECK(std::isnan(decode_float(0xFF, kE4M3)));
  // E5M2: 57344; at 61440, the tie with 65536, the next is even.
  CHECK(encode_float(61439.0F, kE5M2, kNot) == 0x7B);
  CHECK(encode_float(61440.0F, kE5M2, kNot) == 0x7C);
  CHECK(encode_float(61440.0F, kE5M2) == 0x7B);
  CHECK(encode_float(-kInfinity, kE5M2, kNot) == 0xFC);
  CHECK(encode_float(-kInfinity, kE5M2) == 0xFB);
  CHECK(decode_float(0xFC, kE5M2) == -kInfinity);
  CHECK(std::isnan(decode_float(0x7D, kE5M2)));
  for (auto policy : {Overflow::saturate, kNot}) {
    CHECK(encode_float(kNan, kE4M3, policy) == 0x7F);
    CHECK(encode_float(std::copysign(kNan, -1.0F), kE4M3, policy) == 0xFF);
    CHECK(encode_float(kNan, kE5M2, policy) == 0x7F);
    // E2M1 has neither: NaN is an Error whatever the policy.
    CHECK_THROWS_AS(encode_float(kNan, kE2M1, policy), Error);
  }
  CHECK(encode_float(5.1F, kE2M1) == 7);
  CHECK(encode_float(-100.0F, kE2M1) == 15);
  CHECK(encode_float(kInfinity, kE2M1) == 7);
  CHECK_THROWS_AS(encode_float(kInfinity, kE2M1, kNot), Error);
  CHECK_THROWS_AS(encode_float(7.0F, kE2M1, kNot), Error);  // a tie of 6 and 8, and 8 is even
  CHECK(encode_float(6.9F, kE2M1, kNot) == 7);
  CHECK(to_float16(kInfinity) == 0x7C00);
  CHECK(to_float16(-1e9F) == 0xFC00);
  CHECK(std::isnan(from_float16(to_float16(kNan))));
}

TEST_CASE("a format that is no float32 is refused", "[hand]") {
  CHECK_THROWS_AS(decode_float(0, FloatFormat{0, 3, 7, NotFinite::none}), Error);
  CHECK_THROWS_AS(decode_float(0, FloatFormat{4, 0, 7, NotFinite::none}), Error);
  CHECK_THROWS_AS(decode_float(0, FloatFormat{8, 8, 127, NotFinite::none}), Error);
  CHECK_THROWS_AS(encode_float(1.0F, FloatFormat{5, 2, 126, NotFinite::ieee}), Error);
  CHECK_THROWS_AS(encode_float(1.0F, FloatFormat{8, 7, 127, NotFinite::ieee}), Error);
  CHECK_THROWS_AS(encode_float(1.0F, FloatFormat{8, 3, 100, NotFinite::none}), Error);
  CHECK_THROWS_AS(encode_float(1.0F, FloatFormat{4, 3, -1, NotFinite::none}), Error);
  // E3M4, with bias 3 and no NaN: to (2 - 1/16) * 2^4.
  STATIC_REQUIRE(decode_float(0x7F, FloatFormat{3, 4, 3, NotFinite::none}) == 31.0F);
}

TEST_CASE("codes are in the order of their numbers, and encode what they decode to", "[prop]") {
  const FloatFormat formats[] = {kE4M3, kE5M2, kE2M1, kFloat16, {3, 4, 3, NotFinite::none}};
  for (const FloatFormat& f : formats) {
    for (std::uint32_t code = 0; code <= f.largest_code(); ++code) {
      const float value = decode_float(code, f);
      if (code > 0 && !(value > decode_float(code - 1, f))) FAIL("code " << code);
      for (auto policy : {Overflow::saturate, Overflow::not_finite}) {
        if (encode_float(value, f, policy) != code) FAIL("code " << code);
        if (encode_float(-value, f, policy) != code + f.sign_bit()) FAIL("code " << code);
      }
    }
    CHECK(decode_float(f.largest_code(), f) > 0.0F);
  }
}

TEST_CASE("no code is nearer than the one that is found", "[prop]") {
  for (const auto& [name, format] : kNamed)
    for (float x : draws(2000, 19)) {
      const float y = round_to_format(x, format);
      for (std::uint32_t code = 0; code < all_codes(format); ++code) {
        const float other = decode_float(code, format);
        if (std::fabs(other - x) < std::fabs(y - x)) FAIL(name << ": " << x << ", code " << code);
      }
    }
}

TEST_CASE("Q4_0 by hand: the sign of the largest, the floor, the clamp, the order", "[hand]") {
  BlockValues x{};
  x[0] = 0.3F;
  x[1] = -1.0F;      // d = -1 / -8 = 0.125
  x[2] = 1.0F;       // 8 + 8.5 = 16: clamped to 15, which is 7 * 0.125
  x[3] = 0.0625F;    // half a step: up, 0.5 + 8.5 = 9
  x[16] = -0.0625F;  // half a step: up, to 8
  x[17] = -0.5F;     // -4 + 8 = 4
  BlockQ4_0 block;
  quantize_block(x, block);
  CHECK(block.scale == 0x3000);    // 2^-3: E = 12
  CHECK(int{block.q[0]} == 0x8A);  // 0.3 / 0.125 = 2.4: 2 + 8 = 10 below, x[16] above
  CHECK(int{block.q[1]} == 0x40);  // -1 is 0, x[17] is 4
  CHECK(int{block.q[2]} == 0x8F);
  CHECK(int{block.q[3]} == 0x89);
  CHECK(int{block.q[15]} == 0x88);
  BlockValues y{};
  dequantize_block(block, y);
  CHECK(y[0] == 0.25F);
  CHECK(y[1] == -1.0F);
  CHECK(y[2] == 0.875F);
  CHECK(y[3] == 0.125F);
  CHECK(y[16] == 0.0F);
  CHECK(y[17] == -0.5F);
  // With +1 before -1 the scale is negative, and -1 is the one that is clamped.
  std::swap(x[1], x[2]);
  quantize_block(x, block);
  CHECK(block.scale == 0xB000);
  dequantize_block(block, y);
  CHECK(y[1] == 1.0F);
  CHECK(y[2] == -0.875F);
  // A block that was used before keeps nothing.
  quantize_block(BlockValues{}, block);
  CHECK(int{block.q[1]} == 0x88);
  CHECK(int{block.q[2]} == 0x88);
}

TEST_CASE("Q8_0 by hand", "[hand]") {
  BlockValues x{};
  x[0] = -127.0F;  // d = 1
  x[1] = 2.5F;     // ties go away from 0
  x[2] = -2.5F;
  x[31] = 126.4F;
  BlockQ8_0 block;
  quantize_block(x, block);
  CHECK(block.scale == 0x3C00);
  CHECK(int{block.q[0]} == -127);
  CHECK(int{block.q[1]} == 3);
  CHECK(int{block.q[2]} == -3);
  CHECK(int{block.q[31]} == 126);
  // The scale is rounded after it has divided: 1/127 is 0.00787354 in float16.
  x = {};
  x[5] = 1.0F;
  quantize_block(x, block);
  BlockValues y{};
  dequantize_block(block, y);
  CHECK(int{block.q[5]} == 127);
  CHECK(from_float16(block.scale) == 0.00787353515625F);
  CHECK(y[5] == 127.0F * 0.00787353515625F);
}

TEST_CASE("MXFP4 by hand: the power of two, ties, what lies beyond 6, the order", "[hand]") {
  BlockValues x{};
  x[0] = 0.3F;
  x[1] = -1.0F;    // floor(log2 1) - 2 = -2: X = 0.25, and -1 / X = -4, code 8 + 6
  x[2] = 0.625F;   // 2.5, a tie of 2 and 3: 2, code 4, is even
  x[3] = 0.875F;   // 3.5, a tie of 3 and 4: 4, code 6, is even
  x[16] = 0.375F;  // 1.5, code 3
  BlockMxfp4 block;
  quantize_block(x, block);
  CHECK(int{block.scale} == 125);
  CHECK(int{block.codes[0]} == 0x32);  // 0.3 / 0.25 = 1.2: 1, code 2, below; x[16] above
  CHECK(int{block.codes[1]} == 0x0E);
  CHECK(int{block.codes[2]} == 0x04);
  CHECK(int{block.codes[3]} == 0x06);
  BlockValues y{};
  dequantize_block(block, y);
  CHECK(y[0] == 0.25F);
  CHECK(y[1] == -1.0F);
  // 1.9 / 0.25 = 7.6 is beyond 6: a fifth is lost, where a scale of 1.9 / 6 would lose nothing.
  x[1] = 1.9F;
  quantize_block(x, block);
  dequantize_block(block, y);
  CHECK(int{block.scale} == 125);
  CHECK(y[1] == 1.5F);
  quantize_block(BlockValues{}, block);  // a block that was used before keeps nothing
  CHECK(block.codes == Nibbles{});
  CHECK(decode_e8m0(0) == std::ldexp(1.0F, -127));
  CHECK(decode_e8m0(254) == std::ldexp(1.0F, 127));
  CHECK(std::isnan(decode_e8m0(255)));
  // log2 of the float below 8 is 3 once rounded to float32; its exponent's bits say 2.
  CHECK(int{choose_e8m0(std::nextafter(8.0F, 0.0F))} == 127);
  CHECK(int{choose_e8m0(std::numeric_limits<float>::max())} == 252);
  CHECK(int{choose_e8m0(1e-45F)} == 0);
  CHECK(int{choose_e8m0(-4.0F)} == 127);
}

TEST_CASE("NF4 by hand: two codes a byte, the first above", "[hand]") {
  const std::vector<float> x = {0.6F, -2.0F, 0.0F, 2.0F, -0.2F};
  const Nf4Tensor t = quantize_nf4(x);
  CHECK(t.absmax == std::vector<float>{2.0F});
  // 0.3 -> 0.3379, code 11; -1 -> 0; 0 -> 7; 1 -> 15; -0.1 -> -0.0911, code 6; the last half is 0.
  CHECK(t.codes == std::vector<std::uint8_t>{0xB0, 0x7F, 0x60});
  CHECK(t.bytes() == 7);
  std::vector<float> y(5);
  dequantize_nf4(t, y);
  CHECK(y == std::vector<float>{2.0F * 0.33791524171829224F, -2.0F, 0.0F, 2.0F,
                                2.0F * -0.09105003625154495F});
  CHECK_THROWS_AS(dequantize_nf4(t, std::span(y).first(4)), Error);
}

TEST_CASE("bits a weight: what is stored, padding and scales included", "[hand]") {
  using namespace qfs::ch19;
  const Matrix<float> w = as_matrix(2, draws(2 * 128, 3)), odd = as_matrix(3, draws(3 * 40, 3));
  CHECK(kFormats[int4_tensor].store(w).bits == 256 * 4 + 32);
  CHECK(kFormats[int4_channel].store(w).bits_each() == 4.25);
  CHECK(kFormats[int4_128].store(w).bits_each() == 4.125);
  CHECK(kFormats[int4_64].store(w).bits_each() == 4.25);
  for (Which f : {int4_32, e2m1_32, q4_0, nf4}) CHECK(kFormats[f].store(w).bits_each() == 4.5);
  CHECK(kFormats[mxfp4].store(w).bits_each() == 4.25);
  CHECK(kFormats[q8_0].store(w).bits_each() == 8.5);
  CHECK(kFormats[e4m3].store(w).bits_each() == 8.0);
  CHECK(kFormats[e4m3_channel].store(w).bits_each() == 8.25);
  // 40 = 32 + 8: two blocks a row, two groups a row, but NF4 runs on: 120 = 64 + 56.
  CHECK(kFormats[q4_0].store(odd).bits == 3 * 2 * 18 * 8);
  CHECK(kFormats[int4_32].store(odd).bits == 120 * 4 + 6 * 16);
  CHECK(kFormats[nf4].store(odd).bits == 2 * 32 + 60 * 8);
}

TEST_CASE("a last short block holds what a full one would", "[prop]") {
  const std::vector<float> x = draws(75, 5);
  std::vector<float> padded = x;
  padded.resize(96, 0.0F);
  const auto check = [&](auto back, const char* name) {
    INFO(name);
    const std::vector<float> y = back(x), of_padded = back(padded);
    CHECK(test::difference<float>(y, std::span(of_padded).first(75)) == "");
    CHECK(std::any_of(y.begin() + 64, y.end(), [](float value) { return value != 0.0F; }));
  };
  check(there_and_back<BlockQ4_0>, "Q4_0");
  check(there_and_back<BlockQ8_0>, "Q8_0");
  check(there_and_back<BlockMxfp4>, "MXFP4");
  check(nf4_there_and_back, "NF4");
}

TEST_CASE("each block has its own scale: none sees its neighbours", "[prop]") {
  std::vector<float> x = draws(192, 6);
  const auto before = there_and_back<BlockQ4_0>(x), before_nf4 = nf4_there_and_back(x);
  const auto before_mx = there_and_back<BlockMxfp4>(x), before_q8 = there_and_back<BlockQ8_0>(x);
  x[70] = 1000.0F;  // block 2 of 32s, block 1 of 64s
  const auto changed = [&](const std::vector<float>& a, const std::vector<float>& b,
                           std::size_t begin, std::size_t end) {
    bool others_equal = true;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (i < begin || i >= end) others_equal = others_equal && a[i] == b[i];
    return others_equal && !std::equal(a.begin() + static_cast<std::ptrdiff_t>(begin),
                                       a.begin() + static_cast<std::ptrdiff_t>(end),
                                       b.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  CHECK(changed(there_and_back<BlockQ4_0>(x), before, 64, 96));
  CHECK(changed(there_and_back<BlockQ8_0>(x), before_q8, 64, 96));
  CHECK(changed(there_and_back<BlockMxfp4>(x), before_mx, 64, 96));
  CHECK(changed(nf4_there_and_back(x), before_nf4, 64, 128));
}

TEST_CASE("what is stored is not changed by storing it again", "[prop]") {
  const Matrix<float> w = as_matrix(4, draws(4 * 96, 8));
  // Q4_0's and Q8_0's scale is rounded to float16, and the second time from another maximum.
  for (const ch19::Which f : {ch19::mxfp4, ch19::nf4, ch19::e4m3, ch19::e5m2, ch19::int4_tensor}) {
    const ch19::Format& format = ch19::kFormats[f];
    const std::vector<float> once = format.store(w).y;
    const std::vector<float> twice = format.store(as_matrix(4, once)).y;
    INFO(format.name);
    // A scale that is divided and multiplied may be one unit in the last place off.
    for (std::size_t i = 0; i < once.size(); ++i)
      if (!(std::fabs(once[i] - twice[i]) <= 2.4e-7F * std::fabs(once[i]))) FAIL(i);
    CHECK(once != std::vector<float>(w.begin(), w.end()));
  }
}

TEST_CASE("an all-zero row is stored as zeros in every format", "[hand]") {
  const Matrix<float> w = make_tensor<float>({2, 48});
  for (const ch19::Format& format : ch19::kFormats) {
    INFO(format.name);
    CHECK(test::difference<float>(format.store(w).y, values(w)) == "");
  }
  CHECK(int{to_blocks<BlockMxfp4>(values(w))[0].scale} == 0);
  CHECK(to_blocks<BlockQ4_0>(values(w))[0].scale == 0x8000);  // 0 / -8 = -0, as ggml's
  CHECK(int{quantize_nf4(values(w)).codes[0]} == 0x77);
}

TEST_CASE("NaN, infinity and nothing at all are refused by every block format", "[hand]") {
  for (float bad : {kNan, kInfinity, -kInfinity}) {
    std::vector<float> x = draws(64, 9);
    x[40] = bad;
    CHECK_THROWS_AS(to_blocks<BlockQ4_0>(x), Error);
    CHECK_THROWS_AS(to_blocks<BlockQ8_0>(x), Error);
    CHECK_THROWS_AS(to_blocks<BlockMxfp4>(x), Error);
    CHECK_THROWS_AS(quantize_nf4(x), Error);
  }
  CHECK_THROWS_AS(to_blocks<BlockQ4_0>({}), Error);
  CHECK_THROWS_AS(to_blocks<BlockMxfp4>({}), Error);
  CHECK_THROWS_AS(quantize_nf4({}), Error);
  const std::vector<BlockQ4_0> blocks = to_blocks<BlockQ4_0>(draws(64, 9));
  std::vector<float> y(65);
  CHECK_THROWS_AS(from_blocks<BlockQ4_0>(blocks, y), Error);
  CHECK_NOTHROW(from_blocks<BlockQ4_0>(blocks, std::span(y).first(33)));
  CHECK_THROWS_AS(from_blocks<BlockQ4_0>(blocks, std::span(y).first(32)), Error);
}

TEST_CASE("a scale that float16 cannot hold: too large is an Error, too small is 0", "[hand]") {
  std::vector<float> x(32, 1.0F);
  x[3] = -8.0F * 65504.0F;
  CHECK(from_float16(to_blocks<BlockQ4_0>(x)[0].scale) == 65504.0F);
  x[3] = -8.0F * 65520.0F;
  CHECK_THROWS_AS(to_blocks<BlockQ4_0>(x), Error);
  x[3] = 127.0F * 65520.0F;
  CHECK_THROWS_AS(to_blocks<BlockQ8_0>(x), Error);
  CHECK_NOTHROW(to_blocks<BlockMxfp4>(x));
  // d = 1e-9 / 8 is 0 in float16: everything becomes 0. d = 1e-40 / 8 has no 1 / d in float32.
  for (float tiny : {1e-9F, 1e-40F}) {
    const std::vector<float> small(32, tiny);
    CHECK(test::difference<float>(there_and_back<BlockQ4_0>(small), std::vector<float>(32)) == "");
    CHECK(test::difference<float>(there_and_back<BlockQ8_0>(small), std::vector<float>(32)) == "");
  }
  CHECK(there_and_back<BlockMxfp4>(std::vector<float>(32, 1e-9F))[0] > 0.0F);
  CHECK(int{to_blocks<BlockQ4_0>(std::vector<float>(32, 1e-40F))[0].q[0]} == 0x88);
}

TEST_CASE("float scales adapt: a power of two changes nothing but the scale", "[prop]") {
  const Matrix<float> w = as_matrix(4, draws(4 * 96, 8));
  Matrix<float> four_times = w;
  for (float& x : values(four_times)) x *= 4.0F;
  for (const ch19::Format& format : ch19::kFormats) {
    if (std::string(format.name) == "E4M3" || std::string(format.name) == "E5M2") continue;
    const std::vector<float> a = format.store(w).y, b = format.store(four_times).y;
    INFO(format.name);
    for (std::size_t i = 0; i < a.size(); ++i)
      if (4.0F * a[i] != b[i]) FAIL(i << ": " << a[i] << ", " << b[i]);
    CHECK(a.size() == w.size());
  }
}

TEST_CASE("the names of the formats are those of their places", "[hand]") {
  using namespace qfs::ch19;
  const std::pair<Which, const char*> places[] = {{int4_tensor, "int4, tensor"},
                                                  {int4_channel, "int4, channel"},
                                                  {int4_128, "int4, 128"},
                                                  {int4_64, "int4, 64"},
                                                  {int4_32, "int4, 32"},
                                                  {e2m1_32, "E2M1, 32"},
                                                  {mxfp4, "MXFP4"},
                                                  {q4_0, "Q4_0"},
                                                  {nf4, "NF4"},
                                                  {int8_tensor, "int8, tensor"},
                                                  {int8_channel, "int8, channel"},
                                                  {q8_0, "Q8_0"},
                                                  {e4m3, "E4M3"},
                                                  {e4m3_tensor, "E4M3, tensor"},
                                                  {e4m3_channel, "E4M3, channel"},
                                                  {e5m2, "E5M2"}};
  REQUIRE(std::size(places) == kFormats.size());
  for (const auto& [place, name] : places) CHECK(std::string(kFormats[place].name) == name);
}

TEST_CASE("the program takes a net of one or four layers, and writes its points", "[hand]") {
  const std::vector<std::vector<std::size_t>> nets = {{784, 10}, {784, 14, 13, 12, 10}};
  for (const std::vector<std::size_t>& widths : nets) {
    const test::Scratch scratch;
    Rng rng(widths.size());
    save_mlp(make_mlp(widths, rng), scratch.path("net"));
    const test::Outcome outcome =
        test::run_program(QFS_CH19_PROGRAM, "--quick --trace --weights '" + scratch.path("net") +
                                                "' --csv '" + scratch.path("csv") + "'");
    const std::string last = "layer " + std::to_string(widths.size() - 1);
    INFO(last << "\n" << outcome.out << outcome.err);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, QFS_CONTAINS(last) && QFS_CONTAINS("[8] Trace"));
    CHECK_THAT(scratch.text_of("csv/formats.csv"), QFS_CONTAINS("bits,sqnr_db\n4."));
    CHECK_THAT(scratch.text_of("csv/code_points.csv"), QFS_CONTAINS("format,point\n0,-1\n"));
  }
}

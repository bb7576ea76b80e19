// Chapter 13, the edges: each function of edges.hpp against the plain one of chapter 01, 02 or 08,
// number for number: all lengths, ends beside pages that nobody may touch, ties, numbers that are
// none, and sums where a float no longer holds every integer.
#include "13_int8_engine/edges.hpp"

#include <array>
#include <limits>

#include "02_integer_products/requantize.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "11_avx2_kernel/from_sums.hpp"
#include "13_int8_engine/fast_backends.hpp"
#include "13_int8_engine/lesson/paper_example.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"

namespace {

using namespace qfs;
using qfs::test::Against;
using qfs::test::difference;
using qfs::test::GuardedArray;
using qfs::test::same_bits;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();
constexpr float kMax = std::numeric_limits<float>::max();
constexpr std::int32_t kSumMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kSumMin = std::numeric_limits<std::int32_t>::min();
constexpr std::size_t kLongest = 70;

TEST_CASE("the example on paper, by chapter 02", "[hand]") {
  namespace paper = ch13::paper;
  for (std::size_t i = 0; i < paper::kSums.size(); ++i)
    CHECK(requantize_float(paper::kSums[i], paper::kMultiplier, paper::kZeroPoint, paper::kRange) ==
          paper::kOutputs[i]);
}

#if defined(__x86_64__)

bool can_run() {
  const bool can = cpu_features().avx2;
  if (!can) WARN("this CPU has no AVX2: the edges of this chapter are not tested");
  return can;
}

// ---- Sums to 8 bits

struct Bytes {
  std::vector<float> multipliers;
  QuantParams output;
  QuantRange range;
};

std::vector<decltype(&edges::to_u8_avx2)> to_u8_here() {
  if (cpu_features().avx512_vnni) return {edges::to_u8_avx2, edges::to_u8_avx512};
  return {edges::to_u8_avx2};
}

// `rows` x multipliers.size() sums, `stride` apart, to bytes that are y_stride apart.
void check_to_u8(std::span<const std::int32_t> sums, std::size_t rows, std::size_t stride,
                 const Bytes& to, std::size_t y_stride, Against side = Against::last_page) {
  const std::size_t N = to.multipliers.size(), z = y_stride - N;
  const std::size_t used = (rows - 1) * stride + N;
  INFO(rows << " x " << N << " sums, strides " << stride << " and " << y_stride << ", m[0] "
            << to.multipliers[0] << ", z " << to.output.zero_point << ", range " << to.range.qmin
            << ".." << to.range.qmax);
  const GuardedArray<std::int32_t> from(sums.first(used), side);
  const GuardedArray<float> multipliers(std::span<const float>(to.multipliers), side);
  std::vector<std::uint8_t> expected(rows * y_stride - z, 77);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t n = 0; n < N; ++n)
      expected[r * y_stride + n] = static_cast<std::uint8_t>(requantize_float(
          sums[r * stride + n], to.multipliers[n], to.output.zero_point, to.range));
  for (const auto edge : to_u8_here()) {
    const GuardedArray<std::uint8_t> y(rows * y_stride - z, side);
    std::ranges::fill(y, std::uint8_t{77});
    edge({from.data(), stride, rows, N},
         {multipliers.data(), static_cast<float>(to.range.qmin - to.output.zero_point),
          static_cast<float>(to.range.qmax - to.output.zero_point), to.output.zero_point},
         y.data(), y_stride);
    CHECK((from.intact() && multipliers.intact() && y.intact()));
    CHECK(difference<std::uint8_t>(y.values(), expected) == "");
  }
}

std::vector<std::int32_t> random_sums(Rng& rng, std::size_t count, std::int32_t magnitude) {
  std::vector<std::int32_t> sums(count);
  for (std::int32_t& one : sums)
    one = static_cast<std::int32_t>(
        static_cast<std::int64_t>(rng.below(2 * static_cast<std::uint64_t>(magnitude) + 1)) -
        magnitude);
  return sums;
}

TEST_CASE("to 8 bits: the example on paper", "[hand]") {
  if (!can_run()) return;
  namespace paper = ch13::paper;
  const std::vector<float> m(8, paper::kMultiplier);
  for (const auto edge : to_u8_here()) {
    std::array<std::uint8_t, 8> y{};
    edge({paper::kSums.data(), 8, 1, 8}, {m.data(), 0.0F, 245.0F, 10}, y.data(), 8);
    CHECK(y == paper::kOutputs);
  }
}

TEST_CASE("to 8 bits: every number of outputs up to 70, rows and strides", "[isa]") {
  if (!can_run()) return;
  Rng rng(1301);
  for (std::size_t N = 1; N <= kLongest; ++N)
    for (std::size_t rows : {1U, 2U, 7U})
      for (Against side : {Against::first_page, Against::last_page}) {
        Bytes to{{}, {0.1F, static_cast<std::int32_t>(rng.below(256))}, {0, 255}};
        if (rng.below(2) == 0)
          to.range = {to.output.zero_point / 2, 127 + to.output.zero_point / 2};
        for (std::size_t n = 0; n < N; ++n)
          to.multipliers.push_back(static_cast<float>(rng.uniform(0.0005, 0.01)));
        const std::size_t stride = N + rng.below(9), y_stride = N + rng.below(9);
        check_to_u8(random_sums(rng, rows * stride, 40000), rows, stride, to, y_stride, side);
      }
  check_to_u8(std::vector<std::int32_t>(9), 1, 9, {std::vector<float>(9, 1.0F), {}, {0, 255}}, 9);
}

// Every tie of the range, and both neighbours of each.
TEST_CASE("to 8 bits: halves go to the even integer", "[hand]") {
  if (!can_run()) return;
  std::vector<std::int32_t> sums;
  for (std::int32_t half = -601; half <= 601; ++half)
    for (std::int32_t beside : {-1, 0, 1}) sums.push_back(8 * half + beside);
  for (std::int32_t zero_point : {0, 1, 100, 255})
    for (QuantRange range : {QuantRange{0, 255}, QuantRange{0, 127}})
      check_to_u8(sums, 1, sums.size(),
                  {std::vector<float>(sums.size(), 0.0625F), {1.0F, zero_point}, range},
                  sums.size());
}

TEST_CASE("to 8 bits: sums and multipliers that no float or byte holds, all zero points", "[isa]") {
  if (!can_run()) return;
  std::vector<std::int32_t> sums;
  for (std::int32_t around :
       {0, 1 << 23, 1 << 24, 1 << 25, 1 << 30, -(1 << 23), -(1 << 24), -(1 << 25), -(1 << 30)})
    for (std::int32_t beside = -3; beside <= 3; ++beside) sums.push_back(around + beside);
  for (std::int32_t beside = 0; beside < 200; ++beside) {
    sums.push_back(kSumMax - beside);
    sums.push_back(kSumMin + beside);
  }
  const auto check = [&](float m, std::int32_t zero_point, QuantRange range) {
    check_to_u8(sums, 1, sums.size(),
                {std::vector<float>(sums.size(), m), {1.0F, zero_point}, range}, sums.size());
  };
  for (float m : {1e-38F, 1e-30F, 0x1p-32F, 0x1p-25F, 0x1p-24F, 0x1p-17F, 3e-6F, 0.01F, 0.5F, 1.0F,
                  3.0F, 0x1p28F, 1e20F, 1e38F})
    for (std::int32_t zero_point : {0, 1, 127, 128, 255}) check(m, zero_point, {0, 255});
  for (std::int32_t zero_point = 0; zero_point <= 255; ++zero_point)
    for (QuantRange range : {QuantRange{0, 255}, QuantRange{0, 127}, QuantRange{zero_point, 255},
                             QuantRange{std::min(zero_point, 127), 127}, QuantRange{3, 3}})
      check(0x1p-17F, zero_point, range);
}

// ---- Sums to reals

void check_to_f32(Rng& rng, std::size_t rows, std::size_t N, std::size_t row_step,
                  std::int32_t magnitude, Against side) {
  const std::size_t stride = N + rng.below(9), y_stride = N + rng.below(9), z = y_stride - N;
  INFO(rows << " x " << N << " sums of up to " << magnitude << ", a row's step " << row_step);
  auto sums = random_sums(rng, (rows - 1) * stride + N, magnitude);
  ToF32 to{make_tensor<std::int32_t>({N}), make_tensor<float>({N})};
  std::vector<float> w_scale(N);
  for (std::size_t n = 0; n < N; ++n) {
    to.weight_sum(n) = static_cast<std::int32_t>(rng.below(20001)) - 10000;
    to.bias(n) = static_cast<float>(rng.uniform(-1.0, 1.0));
    w_scale[n] = static_cast<float>(rng.uniform(0.001, 0.1));
  }
  std::vector<edges::RowParams> params((rows - 1) * row_step + 1);
  for (edges::RowParams& p : params)
    p = {static_cast<float>(rng.uniform(0.001, 0.1)), static_cast<std::int32_t>(rng.below(256))};
  const GuardedArray<std::int32_t> from(std::span<const std::int32_t>(sums), side),
      weight_sum(std::span<const std::int32_t>(values(std::as_const(to.weight_sum))), side);
  const GuardedArray<float> scale(std::span<const float>(w_scale), side),
      bias(values(std::as_const(to.bias)), side), y(rows * y_stride - z, side);
  std::ranges::fill(y, 77.0F);
  edges::to_f32_avx2({from.data(), stride, rows, N},
                     {weight_sum.data(), scale.data(), bias.data(), params.data(), row_step},
                     y.data(), y_stride);
  CHECK((from.intact() && weight_sum.intact() && scale.intact() && bias.intact() && y.intact()));
  std::vector<float> expected(rows * y_stride - z, 77.0F);
  for (std::size_t r = 0; r < rows; ++r)
    sums_to_f32(to, w_scale, {params[r * row_step].scale, params[r * row_step].zero_point}, 0,
                std::span(sums).subspan(r * stride, N), expected.data() + r * y_stride);
  CHECK(std::ranges::equal(y.values(), expected, same_bits));
}

TEST_CASE("to reals: every number of outputs up to 70, one row's scale for all or each its own",
          "[isa]") {
  if (!can_run()) return;
  Rng rng(1302);
  for (std::size_t N = 1; N <= kLongest; ++N)
    for (std::size_t rows : {1U, 2U, 7U})
      for (std::size_t row_step : {0U, 1U})
        for (Against side : {Against::first_page, Against::last_page})
          for (std::int32_t magnitude : {40000, 1 << 25, kSumMax - 256 * 10000})
            check_to_f32(rng, rows, N, row_step, magnitude, side);
}

// ---- Reals to integers

std::vector<std::uint8_t> quantized(std::span<const float> x, const edges::Quantize& to,
                                    Against side) {
  const GuardedArray<float> from(x, side);
  const GuardedArray<std::uint8_t> q(x.size(), side);
  edges::quantize_avx2(from.data(), x.size(), to, q.data());
  CHECK((from.intact() && q.intact()));
  return {q.begin(), q.end()};
}

void check_quantize(std::span<const float> x, QuantParams params, QuantRange range,
                    Against side = Against::last_page) {
  const auto low = static_cast<float>(range.qmin - params.zero_point);
  const auto high = static_cast<float>(range.qmax - params.zero_point);
  for (bool divide : {false, true}) {
    INFO(x.size() << " reals, scale " << params.scale << ", z " << params.zero_point << ", range "
                  << range.qmin << ".." << range.qmax << (divide ? ", divided" : ", multiplied"));
    const edges::Quantize to = {divide ? params.scale : 1.0F / params.scale, divide, low, high,
                                params.zero_point};
    std::vector<std::uint8_t> expected(x.size());
    quantize<std::uint8_t>(x, params, range, expected,
                           divide ? Rounding::half_even_divide : Rounding::half_even);
    CHECK(difference<std::uint8_t>(quantized(x, to, side), expected) == "");
  }
}

std::vector<float> random_reals(Rng& rng, std::size_t count) {
  std::vector<float> x(count);
  for (float& one : x) one = static_cast<float>(rng.uniform(-2.0, 3.0));
  return x;
}

TEST_CASE("to integers: every length up to 140, both ends", "[isa]") {
  if (!can_run()) return;
  Rng rng(1303);
  for (std::size_t count = 0; count <= 2 * kLongest; ++count)
    for (Against side : {Against::first_page, Against::last_page})
      check_quantize(
          random_reals(rng, count),
          {static_cast<float>(rng.uniform(0.005, 0.05)), static_cast<std::int32_t>(rng.below(256))},
          rng.below(2) == 0 ? QuantRange{0, 255} : QuantRange{5, 127}, side);
}

TEST_CASE("to integers: misaligned inputs and outputs", "[isa]") {
  if (!can_run()) return;
  Rng rng(1304);
  const auto x = random_reals(rng, 100);
  std::vector<std::uint8_t> q(140), expected(100);
  quantize<std::uint8_t>(x, {0.02F, 100}, {0, 255}, expected);
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t to = 0; to < 33; ++to) {
      const std::size_t count = 100 - from;
      edges::quantize_avx2(x.data() + from, count, {1.0F / 0.02F, false, -100.0F, 155.0F, 100},
                           q.data() + to);
      CHECK(std::ranges::equal(std::span(q).subspan(to, count), std::span(expected).subspan(from)));
    }
}

TEST_CASE("to integers: halves go to the even integer, with every zero point", "[hand]") {
  if (!can_run()) return;
  std::vector<float> x;
  for (int half = -601; half <= 601; ++half) {
    const float tie = 0.125F * static_cast<float>(half);  // half steps of 0.25
    x.insert(x.end(), {tie, std::nextafter(tie, -kInfinity), std::nextafter(tie, kInfinity)});
  }
  for (std::int32_t zero_point = 0; zero_point <= 255; ++zero_point)
    for (QuantRange range : {QuantRange{0, 255}, QuantRange{0, 127}, QuantRange{zero_point, 255}})
      check_quantize(x, {0.25F, zero_point}, range);
}

// In each place of a register: what one lane does must not depend on another.
TEST_CASE("to integers: NaN, infinity, and numbers beyond all integers, in every place", "[isa]") {
  if (!can_run()) return;
  const float odd[] = {kNan,    -kNan,       kInfinity, -kInfinity, 1e30F,         -1e30F,
                       kMax,    -kMax,       0.0F,      -0.0F,      kDenormal,     -kDenormal,
                       0x1p31F, -0x1p31F,    0x1p32F,   3e9F,       2147483520.0F, -2147483648.0F,
                       0x1p24F, 16777217.0F, 0.5F,      -0.5F};
  for (float one : odd)
    for (std::size_t count : {1U, 9U, 32U, 45U})
      for (std::size_t at = 0; at < count; ++at) {
        std::vector<float> x(count, 0.7F);
        x[at] = one;
        check_quantize(x, {0.02F, 37}, {0, 255});
      }
  for (float scale : {kDenormal, 1e-38F, 1.2e-38F, 1e-20F, 1.0F, 1e20F, 1e38F, kMax})
    for (std::int32_t zero_point : {0, 1, 128, 255})
      for (QuantRange range : {QuantRange{0, 255}, QuantRange{0, 127}, QuantRange{zero_point, 255}})
        check_quantize(odd, {scale, zero_point}, range);
}

TEST_CASE("to integers: to multiply and to divide are two rules", "[hand]") {
  if (!can_run()) return;
  Rng rng(1305);
  std::size_t different = 0;
  for (int i = 0; i < 200; ++i) {
    const auto scale = static_cast<float>(rng.uniform(0.001, 0.1));
    std::vector<float> x;  // as near to ties as float32 comes
    for (int k = -100; k <= 100; ++k) x.push_back((static_cast<float>(k) + 0.5F) * scale);
    check_quantize(x, {scale, 100}, {0, 255});
    const auto by = [&](bool divide) {
      return quantized(x, {divide ? scale : 1.0F / scale, divide, -100.0F, 155.0F, 100},
                       Against::last_page);
    };
    different += by(true) != by(false);
  }
  CHECK(different > 100);
}

// ---- Integers to reals

TEST_CASE("to reals again: every integer, length and zero point", "[isa]") {
  if (!can_run()) return;
  std::vector<std::uint8_t> q(256);
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = static_cast<std::uint8_t>(255 - i);
  const auto check = [&](std::size_t count, QuantParams params, Against side) {
    const GuardedArray<std::uint8_t> from(std::span<const std::uint8_t>(q).first(count), side);
    const GuardedArray<float> x(count, side);
    edges::dequantize_avx2(from.data(), count, params.scale, params.zero_point, x.data());
    CHECK((from.intact() && x.intact()));
    std::vector<float> expected(count);
    dequantize<std::uint8_t>(from.values(), params, expected);
    CHECK(std::ranges::equal(x.values(), expected, same_bits));
  };
  for (std::int32_t zero_point = 0; zero_point <= 255; ++zero_point)
    for (float scale : {0.1F, 1e-38F, kDenormal, 1e36F})
      check(256, {scale, zero_point}, Against::last_page);
  for (std::size_t count = 0; count <= kLongest; ++count)
    for (Against side : {Against::first_page, Against::last_page}) check(count, {0.3F, 17}, side);
}

// ---- The smallest and the largest

struct Found {
  bool finite = false;
  Interval interval{};
};
Found found_in(std::span<const float> x, Against side = Against::last_page) {
  const GuardedArray<float> from(x, side);
  Found found;
  found.finite =
      edges::min_max_avx2(from.data(), x.size(), &found.interval.min, &found.interval.max);
  CHECK(from.intact());
  return found;
}

TEST_CASE("min and max: every length, the ends in every place", "[isa]") {
  if (!can_run()) return;
  Rng rng(1306);
  for (std::size_t count = 1; count <= kLongest; ++count)
    for (Against side : {Against::first_page, Against::last_page}) {
      auto x = random_reals(rng, count);
      CHECK((found_in(x, side).finite && found_in(x, side).interval == min_max(x)));
      for (float& one : x) one += 10.0F;  // no 0 among them: what is made up would be the smallest
      CHECK(found_in(x, side).interval == min_max(x));
      for (float& one : x) one = -one;
      CHECK(found_in(x, side).interval == min_max(x));
    }
  for (std::size_t count : {1U, 7U, 8U, 9U, 70U})
    for (std::size_t at = 0; at < count; ++at)
      for (float one : {5.0F, -5.0F, kMax, -kMax}) {
        std::vector<float> x(count, 0.5F);
        x[at] = one;
        CHECK((found_in(x).finite && found_in(x).interval == min_max(x)));
      }
}

TEST_CASE("min and max: zeros of both signs and denormals are finite", "[hand]") {
  if (!can_run()) return;
  for (std::size_t count : {1U, 8U, 13U}) {
    for (float one : {0.0F, -0.0F, kDenormal, -kDenormal, kMax, -kMax}) {
      const std::vector<float> x(count, one);
      CHECK((found_in(x).finite && found_in(x).interval == min_max(x)));
    }
    std::vector<float> both(count, 0.0F);
    both.back() = -0.0F;  // which zero is found is left open; the scale and zero point are the same
    for (RangeRule rule : {RangeRule::pytorch, RangeRule::onnx})
      CHECK(dynamic_qparams(found_in(both).interval, {0, 255}, rule) ==
            dynamic_qparams(min_max(both), {0, 255}, rule));
  }
  const std::vector<float> ends = {kMax, -kMax};
  CHECK((found_in(ends).finite && found_in(ends).interval == Interval{-kMax, kMax}));
}

std::string message_of(Interval (*find)(std::span<const float>), std::span<const float> x) {
  try {
    find(x);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("min and max: one number that is not finite, anywhere, gives chapter 01's text",
          "[isa]") {
  if (!can_run()) return;
  for (std::size_t count = 1; count <= kLongest; ++count)
    for (std::size_t at = 0; at < count; ++at)
      for (float one : {kNan, -kNan, kInfinity, -kInfinity}) {
        std::vector<float> x(count, 0.5F);
        x[at] = one;
        if (at % 3 == 0) x.back() = kInfinity;  // the first is named, as there
        CHECK(!found_in(x).finite);
        const std::string message = message_of(fast_avx2_backend().min_max, x);
        CHECK(message == message_of([](std::span<const float> y) { return min_max(y); }, x));
        CHECK(message.find("not finite") != std::string::npos);
      }
}

#endif

}  // namespace

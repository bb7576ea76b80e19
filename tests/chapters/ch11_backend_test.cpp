// Chapter 11, the backend: products by avx2 are ref's, number for number, whatever the shape, the
// inputs and the weights. What it reads and writes lies beside pages that nobody may touch.
#include "11_avx2_kernel/avx2_backend.hpp"

#include <bit>
#include <memory>
#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using qfs::test::Against;
using qfs::test::difference;
using qfs::test::GuardedArray;
using qfs::test::random_integers;
using qfs::test::random_weights;

bool can_run() {
  if (!has_avx2_kernel()) WARN("this CPU has no AVX2: its backend is not tested");
  return has_avx2_kernel();
}

constexpr QuantRange kRanges[] = {{0, 1}, {0, 127}, {3, 200}, {0, 255}};

PackedProduct packed_by(const Backend& backend, const Matrix<std::int8_t>& w, QuantRange range,
                        const ToU8* to_u8 = nullptr, const ToF32* to_f32 = nullptr,
                        Vector<float> scale = {1.0F}) {
  const QuantizedWeight weight = {w, std::move(scale)};
  return backend.pack({.weight = &weight, .input_range = range, .to_u8 = to_u8, .to_f32 = to_f32});
}

// The raw sums of x w by avx2; x and the sums end where memory ends.
Matrix<std::int32_t> sums(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x,
                          QuantRange range) {
  const std::size_t M = x.shape(0), N = w.shape(0);
  const GuardedArray<std::uint8_t> from(values(x));
  const GuardedArray<std::int32_t> acc(M * N);
  avx2_backend().run_s32(packed_by(avx2_backend(), w, range),
                         {.rows = M, .depth = x.shape(1), .source = from.data()}, acc.values());
  CHECK((acc.intact() && std::ranges::equal(from.values(), x)));
  auto result = make_tensor<std::int32_t>({M, N});
  std::ranges::copy(acc.values(), result.begin());
  return result;
}

Matrix<std::int32_t> exact_sums(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  gemm_u8s8s32_ref({x.shape(0), w.shape(0), x.shape(1)}, values(x), values(w), values(acc));
  return acc;
}

void check_sums(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x, QuantRange range) {
  INFO("M, N, K = " << x.shape(0) << ", " << w.shape(0) << ", " << x.shape(1) << "; inputs from "
                    << range.qmin << " to " << range.qmax);
  CHECK(difference(sums(w, x, range), exact_sums(w, x)) == "");
}

void check_random(Rng& rng, std::size_t M, std::size_t N, std::size_t K, QuantRange range) {
  auto x = random_integers<std::uint8_t>(rng, M, K, range);
  for (std::uint8_t& q : x)
    if (rng.below(3) == 0) q = static_cast<std::uint8_t>(range.qmax);
  check_sums(random_weights(rng, N, K), x, range);
}

// For every output a row of inputs that are x_max where its weight is positive and 0 elsewhere,
// which fills every lane of that output as far as any input can; and one the other way round.
Matrix<std::uint8_t> worst_inputs(const Matrix<std::int8_t>& w, std::uint8_t x_max) {
  auto x = make_tensor<std::uint8_t>({2 * w.shape(0), w.shape(1)}, std::uint8_t{0});
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); ++k) {
      if (w(n, k) > 0) x(2 * n, k) = x_max;
      if (w(n, k) < 0) x(2 * n + 1, k) = x_max;
    }
  return x;
}

}  // namespace

TEST_CASE("sums are exact: shapes up to 70 in each of M, N and K", "[isa]") {
  if (!can_run()) return;
  Rng rng(1131);
  std::vector<std::uint32_t> m(70), n(70), k(70);
  for (auto* sizes : {&m, &n, &k}) std::iota(sizes->begin(), sizes->end(), 1U);
  for (QuantRange range : kRanges) {
    for (auto* sizes : {&m, &n, &k}) rng.shuffle(*sizes);
    for (std::size_t i = 0; i < m.size(); ++i) check_random(rng, m[i], n[i], k[i], range);
  }
}

TEST_CASE("sums are exact: every number of rows, every depth, blocks of inputs", "[isa]") {
  if (!can_run()) return;
  Rng rng(1132);
  for (QuantRange range : {QuantRange{0, 127}, QuantRange{0, 255}}) {
    for (std::size_t M = 1; M <= 33; ++M) check_random(rng, M, 9, 37, range);
    for (std::size_t K = 1; K <= 70; ++K) check_random(rng, 9, 17, K, range);
    for (std::size_t K : {767U, 768U, 769U, 772U, 1535U, 1536U, 1537U, 2304U})
      check_random(rng, 35, 11, K, range);
  }
}

TEST_CASE("sums are exact: extreme inputs times extreme weights", "[isa]") {
  if (!can_run()) return;
  Rng rng(1133);
  const std::int32_t inputs[] = {0, 1, 127, 128, 255}, weights[] = {-128, -127, -1, 0, 127};
  for (std::size_t K : {1U, 3U, 4U, 33U, 66U, 300U})
    for (std::int32_t x0 : inputs)
      for (std::int32_t w0 : weights) {
        auto x = make_tensor<std::uint8_t>({5, K}, static_cast<std::uint8_t>(x0));
        auto w = make_tensor<std::int8_t>({10, K}, static_cast<std::int8_t>(w0));
        check_sums(w, x, {0, x0});  // no input is more than x0: the proof may use it
        if (x0 <= 127) check_sums(w, x, {0, 127});
        check_sums(w, x, {0, 255});
        for (auto& q : x) q = static_cast<std::uint8_t>(std::min(x0, inputs[rng.below(5)]));
        for (auto& q : w)
          if (rng.below(2) == 0) q = static_cast<std::int8_t>(weights[rng.below(5)]);
        check_sums(w, x, {0, x0});
        check_sums(w, x, {0, 255});
      }
}

TEST_CASE("255s times 127s, the sum that saturates elsewhere", "[hand]") {
  if (!can_run()) return;
  const auto w = make_tensor<std::int8_t>({1, 64}, std::int8_t{127});
  const auto x = make_tensor<std::uint8_t>({1, 64}, std::uint8_t{255});
  CHECK(sums(w, x, {0, 255})(0, 0) == 2072640);  // 64 * 255 * 127
}

TEST_CASE("sums are exact for the inputs that fill every lane", "[isa]") {
  if (!can_run()) return;
  Rng rng(1134);
  for (std::int32_t x_max : {1, 127, 128, 129, 200, 254, 255})
    for (std::size_t K : {7U, 64U, 300U, 1000U})
      for (int i = 0; i < 4; ++i) {
        const auto w = random_weights(rng, 9, K);
        check_sums(w, worst_inputs(w, static_cast<std::uint8_t>(x_max)), {0, x_max});
      }
}

namespace {

// Row m: `depth` numbers of a signal from m * stride on, as a convolution over it has them.
struct Windows {
  std::vector<std::uint8_t> signal;
  std::size_t depth, stride;
  std::vector<std::size_t>* rows_written;
};

void write_windows(const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) {
  const auto& [signal, depth, stride, rows_written] = *static_cast<const Windows*>(source);
  for (std::size_t m = begin; m < end; ++m) {
    rows_written->push_back(m);
    to = std::copy_n(signal.begin() + static_cast<std::ptrdiff_t>(m * stride), depth, to);
  }
}

}  // namespace

TEST_CASE("a left side that writes its rows when they are needed", "[isa]") {
  if (!can_run()) return;
  Rng rng(1135);
  for (std::size_t M : {1U, 7U, 31U, 32U, 33U, 64U, 70U})
    for (std::size_t K : {1U, 27U, 64U, 777U}) {
      const auto signal = random_integers<std::uint8_t>(rng, 1, 3 * M + K, {0, 255});
      std::vector<std::size_t> rows_written;
      const Windows windows = {{signal.begin(), signal.end()}, K, 3, &rows_written};
      auto x = make_tensor<std::uint8_t>({M, K});
      write_windows(&windows, 0, M, x.data());
      std::vector<std::size_t> every_row(M);
      std::iota(every_row.begin(), every_row.end(), std::size_t{0});
      const auto w = random_weights(rng, 10, K);
      auto acc = make_tensor<std::int32_t>({M, 10});
      rows_written.clear();
      avx2_backend().run_s32(packed_by(avx2_backend(), w, {0, 255}),
                             {.rows = M, .depth = K, .source = &windows, .pack = write_windows},
                             values(acc));
      INFO("M, K = " << M << ", " << K);
      CHECK(difference(acc, exact_sums(w, x)) == "");
      CHECK(rows_written == every_row);  // each of them once
    }
}

namespace {

Vector<float> random_floats(Rng& rng, std::size_t count, double low, double high) {
  auto all = make_tensor<float>({count});
  for (float& value : all) value = static_cast<float>(rng.uniform(low, high));
  return all;
}

Vector<std::int32_t> random_biases(Rng& rng, std::size_t count) {
  auto all = make_tensor<std::int32_t>({count});
  for (std::int32_t& b : all) b = static_cast<std::int32_t>(rng.below(20001)) - 10000;
  return all;
}

// Weights, inputs, and what becomes of the sums.
struct Layer {
  Matrix<std::int8_t> w;
  Matrix<std::uint8_t> x;
  Vector<float> scale;
  ToU8 to_u8;
  ToF32 to_f32;
};

Layer random_layer(Rng& rng, std::size_t M, std::size_t N, std::size_t K, bool per_channel) {
  Layer layer{random_weights(rng, N, K),
              random_integers<std::uint8_t>(rng, M, K, {0, 255}),
              random_floats(rng, per_channel ? N : 1, 0.001, 0.1),
              {},
              {}};
  layer.to_u8 = {random_biases(rng, N),
                 random_floats(rng, per_channel ? N : 1, 0.0001, 0.01),
                 {0.5F, static_cast<std::int32_t>(rng.below(256))},
                 rng.below(2) == 0 ? QuantRange{0, 255} : QuantRange{20, 127}};
  layer.to_f32 = {row_sums(layer.w), random_floats(rng, N, -3.0, 3.0)};
  return layer;
}

std::vector<std::uint8_t> run_u8(const Backend& backend, const Layer& layer) {
  const PackedProduct packed = packed_by(backend, layer.w, {0, 255}, &layer.to_u8);
  const GuardedArray<std::uint8_t> y(layer.x.shape(0) * layer.w.shape(0));
  backend.run_u8(packed, matrix_left_side(values(layer.x), layer.x.shape(0)), y.values());
  CHECK(y.intact());
  return {y.begin(), y.end()};
}

// The bits of the reals.
std::vector<std::uint32_t> run_f32(const Backend& backend, const Layer& layer,
                                   std::span<const QuantParams> params) {
  const PackedProduct packed =
      packed_by(backend, layer.w, {0, 255}, nullptr, &layer.to_f32, layer.scale);
  const GuardedArray<float> y(layer.x.shape(0) * layer.w.shape(0));
  backend.run_f32(packed, matrix_left_side(values(layer.x), layer.x.shape(0)), params, y.values());
  CHECK(y.intact());
  std::vector<std::uint32_t> bits;
  for (float real : y) bits.push_back(std::bit_cast<std::uint32_t>(real));
  return bits;
}

}  // namespace

TEST_CASE("to 8 bits and to reals: ref's numbers, the bits of the reals too", "[isa]") {
  if (!can_run()) return;
  Rng rng(1136);
  std::vector<bool> seen(256, false);
  for (std::size_t M = 1; M <= 40; ++M)
    for (bool per_channel : {false, true}) {
      const Layer layer = random_layer(rng, M, 1 + rng.below(20), 1 + rng.below(70), per_channel);
      INFO("M, N, K = " << M << ", " << layer.w.shape(0) << ", " << layer.x.shape(1)
                        << ", per channel " << per_channel);
      const auto y = run_u8(avx2_backend(), layer);
      CHECK((y == run_u8(ref_backend(), layer)));
      for (std::uint8_t q : y) seen[q] = true;
      std::vector<QuantParams> params(M);
      for (QuantParams& p : params)
        p = {static_cast<float>(rng.uniform(0.01, 0.2)), static_cast<std::int32_t>(rng.below(256))};
      CHECK((run_f32(avx2_backend(), layer, params) == run_f32(ref_backend(), layer, params)));
      const std::span one = std::span(params).first(1);
      CHECK((run_f32(avx2_backend(), layer, one) == run_f32(ref_backend(), layer, one)));
    }
  CHECK(std::ranges::count(seen, true) >= 200);  // integers of all sizes come out
}

TEST_CASE("one output on paper, to 8 bits and to a real", "[hand]") {
  if (!can_run()) return;
  // 200 * 100 + 10 * -50 = 19500; + 500, times 0.005, is 100; + 7.
  Layer layer = {{{100, -50}}, {{200, 10}}, {0.5F}, {{500}, {0.005F}, {1.0F, 7}, {0, 255}}, {}};
  CHECK(run_u8(avx2_backend(), layer) == std::vector<std::uint8_t>{107});
  // (19500 - 90 * 50) * (0.25 * 0.5) + 3 = 1878.
  layer.to_f32 = {{50}, {3.0F}};
  const QuantParams params = {0.25F, 90};
  CHECK(run_f32(avx2_backend(), layer, {&params, 1}) ==
        std::vector<std::uint32_t>{std::bit_cast<std::uint32_t>(1878.0F)});
}

TEST_CASE("products of several sizes in turn: nothing is left of the one before", "[isa]") {
  if (!can_run()) return;
  Rng rng(1137);
  for (int i = 0; i < 40; ++i) {
    const Layer layer = random_layer(rng, 1 + rng.below(70), 1 + rng.below(40),
                                     rng.below(4) == 0 ? 800 : 1 + rng.below(70), true);
    check_sums(layer.w, layer.x, {0, 255});
    CHECK((run_u8(avx2_backend(), layer) == run_u8(ref_backend(), layer)));
  }
}

TEST_CASE("what was packed is a copy: its weights may change and go", "[hand]") {
  if (!can_run()) return;
  auto weight = std::make_unique<QuantizedWeight>(QuantizedWeight{{{100, -50}}, {0.5F}});
  auto to_u8 = std::make_unique<ToU8>(ToU8{{500}, {0.005F}, {1.0F, 7}, {0, 255}});
  const PackedProduct packed =
      avx2_backend().pack({.weight = weight.get(), .input_range = {0, 255}, .to_u8 = to_u8.get()});
  weight.reset();
  to_u8.reset();
  const std::vector<std::uint8_t> x = {200, 10};
  std::vector<std::uint8_t> y(1);
  avx2_backend().run_u8(packed, matrix_left_side(x, 1), y);
  CHECK(y[0] == 107);
}

TEST_CASE("it tells what it proved", "[hand]") {
  if (!can_run()) return;
  const auto text = [](const Matrix<std::int8_t>& w, QuantRange range) {
    const PackedProduct packed = packed_by(avx2_backend(), w, range);
    CHECK((packed.backend == "avx2" && packed.inputs == w.shape(1) &&
           packed.outputs == w.shape(0) && packed.input_range == range));
    return avx2_backend().describe(packed);
  };
  // At 255 a lane holds 128: 100 + 100 takes two steps, and none joins another (ch11, packed).
  const Matrix<std::int8_t> w = {
      {100, 100, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}, {60, 0, 0, 0, 0, 68, 0, 0}};
  CHECK(text(w, {0, 255}) ==
        "inputs to 255: 1.3 products a lane (2 to 2), 1 of 3 steps split");  // 2 * 4 / 6
  // At 127 it holds 258, and nothing is split.
  CHECK(text(w, {0, 127}) ==
        "inputs to 127: 1.0 products a lane (2 to 2), 0 of 3 steps split");  // 2 * 3 / 6
  const auto ones = make_tensor<std::int8_t>({8, 136}, std::int8_t{1});
  CHECK(text(ones, {3, 200}) ==
        "inputs to 200: 13.6 products a lane (4 to 16), 0 of 272 steps split");  // 2 * 34 / 5
  const auto zeros = make_tensor<std::int8_t>({2, 5}, std::int8_t{0});
  CHECK(text(zeros, {0, 255}) == "inputs to 255: 0.0 products a lane (0 to 0), 0 of 0 steps split");
  CHECK(text(ones, {0, 0}) == "inputs to 0: 13.6 products a lane (4 to 16), 0 of 272 steps split");
}

TEST_CASE("inputs that are all 0: the range 0 to 0", "[hand]") {
  if (!can_run()) return;
  check_sums(make_tensor<std::int8_t>({9, 70}, std::int8_t{-128}),
             make_tensor<std::uint8_t>({3, 70}, std::uint8_t{0}), {0, 0});
}

TEST_CASE("no rows give nothing", "[hand]") {
  if (!can_run()) return;
  const Layer layer = {{{100, -50}},
                       make_tensor<std::uint8_t>({0, 2}),
                       {0.5F},
                       {{500}, {0.005F}, {1.0F, 7}, {0, 255}},
                       {{50}, {3.0F}}};
  CHECK(sums(layer.w, layer.x, {0, 255}).size() == 0);
  CHECK(run_u8(avx2_backend(), layer).empty());
  const QuantParams params = {0.25F, 90};
  CHECK(run_f32(avx2_backend(), layer, {&params, 1}).empty());
}

TEST_CASE("the float edges are ref's", "[hand]") {
  const Backend &ours = avx2_backend(), &ref = ref_backend();
  CHECK(ours.name == "avx2");
  CHECK((ours.min_max == ref.min_max && ours.quantize == ref.quantize &&
         ours.dequantize == ref.dequantize));
  CHECK((ours.pack != ref.pack && ours.describe != ref.describe && ours.run_s32 != ref.run_s32 &&
         ours.run_u8 != ref.run_u8 && ours.run_f32 != ref.run_f32));
}

TEST_CASE("what does not fit is refused", "[hand]") {
  if (!can_run()) return;
  const Backend& avx2 = avx2_backend();
  const Matrix<std::int8_t> w = {{1, 2, 3}, {4, 5, 6}};
  const ToU8 to_u8 = {{1, 2}, {0.5F}, {1.0F, 0}, {0, 255}};
  const ToF32 to_f32 = {{6, 15}, {1.0F, 2.0F}};
  const PackedProduct packed = packed_by(avx2, w, {0, 255}, &to_u8, &to_f32);
  const std::vector<std::uint8_t> x(12);
  const std::vector<QuantParams> params(4, QuantParams{0.5F, 1});
  std::vector<std::int32_t> acc(8);
  std::vector<std::uint8_t> y(8);
  std::vector<float> reals(8);
  const auto s32 = [&](const PackedProduct& by, std::size_t depth, std::size_t size) {
    avx2.run_s32(by, {.rows = 3, .depth = depth, .source = x.data()}, std::span(acc).first(size));
  };
  const auto u8 = [&](const PackedProduct& by, std::size_t depth, std::size_t size) {
    avx2.run_u8(by, {.rows = 3, .depth = depth, .source = x.data()}, std::span(y).first(size));
  };
  const auto f32 = [&](const PackedProduct& by, std::size_t depth, std::size_t size,
                       std::size_t pairs) {
    avx2.run_f32(by, {.rows = 3, .depth = depth, .source = x.data()},
                 std::span(params).first(pairs), std::span(reals).first(size));
  };
  CHECK_NOTHROW((s32(packed, 3, 6), u8(packed, 3, 6), f32(packed, 3, 6, 1), f32(packed, 3, 6, 3)));
  for (std::size_t depth : {0U, 2U, 4U}) {
    CHECK_THROWS_WITH(s32(packed, depth, 6), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(u8(packed, depth, 6), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(f32(packed, depth, 6, 1), QFS_CONTAINS("input does not fit"));
  }
  for (std::size_t size : {0U, 4U, 5U, 7U, 8U}) {
    CHECK_THROWS_WITH(s32(packed, 3, size), QFS_CONTAINS("output does not fit"));
    CHECK_THROWS_WITH(u8(packed, 3, size), QFS_CONTAINS("output does not fit"));
    CHECK_THROWS_WITH(f32(packed, 3, size, 1), QFS_CONTAINS("output does not fit"));
  }
  for (std::size_t pairs : {0U, 2U, 4U})
    CHECK_THROWS_WITH(f32(packed, 3, 6, pairs), QFS_CONTAINS("one for every row"));
  const PackedProduct raw = packed_by(avx2, w, {0, 255});
  CHECK_NOTHROW(s32(raw, 3, 6));
  CHECK_THROWS_WITH(u8(raw, 3, 6), QFS_CONTAINS("not packed for 8 bits"));
  CHECK_THROWS_WITH(f32(raw, 3, 6, 1), QFS_CONTAINS("not packed for reals"));
  const ToF32 no_sums = {{}, {1.0F, 2.0F}}, no_bias = {{6, 15}, {}};
  for (const ToF32& half : {no_sums, no_bias})
    CHECK_THROWS_WITH(f32(packed_by(avx2, w, {0, 255}, nullptr, &half), 3, 6, 1),
                      QFS_CONTAINS("not packed for reals"));
  const PackedProduct other = packed_by(ref_backend(), w, {0, 255}, &to_u8, &to_f32);
  CHECK_THROWS_WITH(s32(other, 3, 6), QFS_CONTAINS("another backend"));
  CHECK_THROWS_WITH(u8(other, 3, 6), QFS_CONTAINS("another backend"));
  CHECK_THROWS_WITH(f32(other, 3, 6, 1), QFS_CONTAINS("another backend"));
  CHECK_THROWS_WITH(ref_backend().run_u8(packed, matrix_left_side(std::span(x).first(9), 3),
                                         std::span(y).first(6)),
                    QFS_CONTAINS("another backend"));
}

TEST_CASE("what can not be packed is refused", "[hand]") {
  if (!can_run()) return;
  const auto pack = [](const Matrix<std::int8_t>& w, QuantRange range) {
    packed_by(avx2_backend(), w, range);
  };
  const Matrix<std::int8_t> w = {{1, 2, 3}};
  for (QuantRange range : {QuantRange{-1, 255}, QuantRange{0, 256}, QuantRange{5, 4}})
    CHECK_THROWS_WITH(pack(w, range), QFS_CONTAINS("not within 8 bits"));
  CHECK_THROWS_AS(pack(make_tensor<std::int8_t>({0, 3}), {0, 255}), Error);
  CHECK_THROWS_AS(pack(make_tensor<std::int8_t>({3, 0}), {0, 255}), Error);
  // 65793 * 255 * 128 = 2147483520 fits 32 bits, one product more does not.
  CHECK_THROWS_WITH(pack(make_tensor<std::int8_t>({1, 65794}, std::int8_t{-128}), {0, 255}),
                    QFS_CONTAINS("may overflow its 32-bit sum"));
  const auto longest = make_tensor<std::int8_t>({1, 65793}, std::int8_t{-128});
  const auto full = make_tensor<std::uint8_t>({1, 65793}, std::uint8_t{255});
  CHECK(sums(longest, full, {0, 255})(0, 0) == -2147483520);
}

TEST_CASE("a CPU without AVX2 is told so when it packs", "[hand]") {
  if (has_avx2_kernel()) return;
  CHECK_THROWS_WITH(packed_by(avx2_backend(), {{1}}, {0, 255}),
                    QFS_CONTAINS("needs a CPU with AVX2") && QFS_CONTAINS("use backend ref"));
}

// Chapter 13, the backends: sums, 8 bits and reals are ref's on both paths, few rows and many, with
// everything beside pages that nobody may touch; and what they say of what does not fit.
#include <array>

#include "11_avx2_kernel/avx2_backend.hpp"
#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/wide_backends.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/fast_backends.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::GuardedArray;
using qfs::test::random_integers;
using qfs::test::random_weights;
using qfs::test::same_bits;

// All but ref.
std::vector<const Backend*> fast_here() {
  std::vector<const Backend*> backends;
  for (const KnownBackend& known : known_backends())
    if (known.can_run() && known.backend != &ref_backend()) backends.push_back(known.backend);
  if (backends.empty()) WARN("this CPU has no AVX2: no backend of this chapter runs");
  return backends;
}

struct Layer {
  QuantizedWeight weight{};
  QuantRange inputs{};
  ToU8 to_u8{};
  ToF32 to_f32{};
  Product product() const { return {&weight, inputs, &to_u8, &to_f32}; }
};

enum class Sharing { per_tensor, per_channel };

// Multipliers such that most bytes are not clamped, whatever K is.
Layer random_layer(Rng& rng, std::size_t N, std::size_t K, Sharing sharing, QuantRange inputs) {
  Layer layer{.weight = {random_weights(rng, N, K), {}}, .inputs = inputs};
  const std::size_t scales = sharing == Sharing::per_channel ? N : 1;
  layer.weight.scale = make_tensor<float>({scales});
  layer.to_u8.multiplier = make_tensor<float>({scales});
  const double usual = 1.0 / (30.0 * inputs.qmax * std::sqrt(static_cast<double>(K)) / 60.0);
  for (std::size_t c = 0; c < scales; ++c) {
    layer.weight.scale(c) = static_cast<float>(rng.uniform(0.001, 0.1));
    layer.to_u8.multiplier(c) = static_cast<float>(rng.uniform(0.5, 1.5) * usual);
  }
  layer.to_u8.bias = make_tensor<std::int32_t>({N});
  layer.to_f32 = {row_sums(layer.weight.q), make_tensor<float>({N})};
  for (std::size_t n = 0; n < N; ++n) {
    layer.to_u8.bias(n) = static_cast<std::int32_t>(rng.below(20001)) - 10000;
    layer.to_f32.bias(n) = static_cast<float>(rng.uniform(-1.0, 1.0));
  }
  layer.to_u8.output = {0.1F, static_cast<std::int32_t>(rng.below(256))};
  layer.to_u8.range = rng.below(2) == 0 ? QuantRange{0, 255} : QuantRange{9, 127};
  return layer;
}

std::vector<QuantParams> random_params(Rng& rng, std::size_t count) {
  std::vector<QuantParams> params(count);
  for (QuantParams& p : params)
    p = {static_cast<float>(rng.uniform(0.001, 0.1)), static_cast<std::int32_t>(rng.below(256))};
  return params;
}

struct Results {
  std::vector<std::int32_t> sums;
  std::vector<std::uint8_t> bytes;
  std::vector<float> reals;
};

template <class T, class Run>
std::vector<T> guarded(std::size_t count, Run&& run) {
  const GuardedArray<T> y(count);
  run(y.values());
  CHECK(y.intact());
  return {y.begin(), y.end()};
}

Results run_all(const Backend& backend, const PackedProduct& packed, const LeftSide& x,
                std::span<const QuantParams> params) {
  const std::size_t count = x.rows * packed.outputs;
  return {
      guarded<std::int32_t>(count, [&](auto y) { backend.run_s32(packed, x, y); }),
      guarded<std::uint8_t>(count, [&](auto y) { backend.run_u8(packed, x, y); }),
      guarded<float>(count, [&](auto y) { backend.run_f32(packed, x, params, y); }),
  };
}

bool all_same_bits(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(a, b, same_bits);
}

void check(const Layer& layer, const LeftSide& x, std::span<const QuantParams> params) {
  const Results expected = run_all(ref_backend(), ref_backend().pack(layer.product()), x, params);
  for (const Backend* backend : fast_here()) {
    INFO(backend->name << "; M, N, K = " << x.rows << ", " << layer.weight.outputs() << ", "
                       << layer.weight.inputs() << "; " << params.size() << " params");
    const Results ours = run_all(*backend, backend->pack(layer.product()), x, params);
    CHECK(difference<std::int32_t>(ours.sums, expected.sums) == "");
    CHECK(difference<std::uint8_t>(ours.bytes, expected.bytes) == "");
    CHECK(all_same_bits(ours.reals, expected.reals));
  }
}

constexpr QuantRange kRanges[] = {{0, 255}, {0, 127}, {0, 1}};
constexpr Sharing kSharings[] = {Sharing::per_tensor, Sharing::per_channel};

}  // namespace

TEST_CASE("rows 1 to 40: sums, 8 bits and reals are ref's", "[isa]") {
  Rng rng(1321);
  for (std::size_t rows = 1; rows <= 40; ++rows)
    for (Sharing sharing : kSharings) {
      const std::size_t N = 1 + rng.below(70), K = 1 + rng.below(70);
      const QuantRange range = kRanges[rng.below(3)];
      const Layer layer = random_layer(rng, N, K, sharing, range);
      const auto bytes = random_integers<std::uint8_t>(rng, rows, K, range);
      const GuardedArray<std::uint8_t> x(values(bytes));
      check(layer, {rows, K, x.data()}, random_params(rng, 1));
      check(layer, {rows, K, x.data()}, random_params(rng, rows));
    }
}

TEST_CASE("every N and K up to 70, for one row and for as many as take the other path", "[isa]") {
  Rng rng(1322);
  for (std::size_t i = 0; i < 70; ++i)
    for (std::size_t rows : {std::size_t{1}, kFewRowsAvx2 - 1, kFewRowsAvx2, kFewRowsAmx}) {
      const std::size_t N = 1 + i, K = 1 + (i * 27 + rows) % 70;  // 27 and 70 share no divisor
      const Layer layer = random_layer(rng, N, K, Sharing::per_channel, kRanges[i % 3]);
      const auto bytes = random_integers<std::uint8_t>(rng, rows, K, layer.inputs);
      const GuardedArray<std::uint8_t> x(values(bytes));
      check(layer, {rows, K, x.data()}, random_params(rng, rows));
    }
}

TEST_CASE("layers of the MLP's size, and deeper than a block", "[isa]") {
  Rng rng(1323);
  for (const auto& [rows, N, K] : std::vector<std::array<std::size_t, 3>>{{1, 100, 784},
                                                                          {7, 100, 784},
                                                                          {8, 100, 784},
                                                                          {97, 100, 100},
                                                                          {5, 33, 3001},
                                                                          {9, 10, 3001}}) {
    const Layer layer = random_layer(rng, N, K, Sharing::per_channel, {0, 255});
    const auto x = random_integers<std::uint8_t>(rng, rows, K, {0, 255});
    check(layer, matrix_left_side(values(x), rows), random_params(rng, rows));
  }
}

TEST_CASE("extreme inputs times extreme weights, on both paths", "[isa]") {
  Rng rng(1324);
  for (int w : {-128, -127, -1, 0, 127})
    for (int q : {0, 1, 127, 128, 255})
      for (std::size_t rows : {1U, 8U}) {
        Layer layer = random_layer(rng, 33, 67, Sharing::per_tensor, {0, 255});
        layer.weight.q.fill(static_cast<std::int8_t>(w));
        layer.to_f32.weight_sum = row_sums(layer.weight.q);
        const auto x = make_tensor<std::uint8_t>({rows, 67}, static_cast<std::uint8_t>(q));
        check(layer, matrix_left_side(values(x), rows), random_params(rng, 1));
      }
}

TEST_CASE("these bytes are not all clamped", "[hand]") {
  Rng rng(1325);
  const Layer layer = random_layer(rng, 60, 50, Sharing::per_channel, {0, 255});
  const auto x = random_integers<std::uint8_t>(rng, 20, 50, {0, 255});
  const Results of_ref = run_all(ref_backend(), ref_backend().pack(layer.product()),
                                 matrix_left_side(values(x), 20), random_params(rng, 1));
  const std::int32_t low = layer.to_u8.range.qmin, high = layer.to_u8.range.qmax;
  CHECK(std::ranges::count_if(of_ref.bytes, [&](int q) { return q > low && q < high; }) > 300);
  CHECK(std::ranges::count(of_ref.bytes, low) > 20);
  CHECK(std::ranges::count(of_ref.bytes, high) > 20);
}

TEST_CASE("no rows; and rows that are packed on the way, few and many", "[isa]") {
  Rng rng(1326);
  const Layer layer = random_layer(rng, 12, 30, Sharing::per_channel, {0, 255});
  check(layer, {.rows = 0, .depth = 30}, random_params(rng, 1));
  const auto bytes = random_integers<std::uint8_t>(rng, 40, 30, {0, 255});
  const auto backwards = [](const void* source, std::size_t begin, std::size_t end,
                            std::uint8_t* to) {
    for (std::size_t m = begin; m < end; ++m, to += 30)
      std::copy_n(static_cast<const std::uint8_t*>(source) + (39 - m) * 30, 30, to);
  };
  for (std::size_t rows = 1; rows <= 40; ++rows)
    check(layer, {rows, 30, bytes.data(), backwards}, random_params(rng, rows));
}

TEST_CASE("a layer after a wider one, on the same thread's memory", "[isa]") {
  Rng rng(1327);
  const Layer wide = random_layer(rng, 70, 64, Sharing::per_channel, {0, 255});
  const Layer narrow = random_layer(rng, 3, 5, Sharing::per_channel, {0, 255});
  const auto x = random_integers<std::uint8_t>(rng, 2, 64, {0, 255});
  for (const Layer* layer : {&wide, &narrow, &wide})
    check(*layer, {2, layer->weight.inputs(), x.data()}, random_params(rng, 2));
}

TEST_CASE("the edges of a backend are chapter 01's", "[isa]") {
  Rng rng(1328);
  std::vector<float> x(77), ties(77);
  for (float& one : x) one = static_cast<float>(rng.uniform(-2.0, 3.0));
  std::vector<std::uint8_t> q(x.size()), expected(x.size());
  std::vector<float> back(x.size()), expected_back(x.size());
  for (const Backend* backend : fast_here()) {
    INFO(backend->name);
    CHECK(backend->min_max(x) == min_max(x));
    for (Rounding rounding :
         {Rounding::half_even, Rounding::half_even_divide, Rounding::half_away_divide}) {
      x[5] = 0.125F * 5;  // on a tie
      x[6] = 0.125F * 6;
      backend->quantize(x, {0.25F, 100}, {0, 107}, rounding, q);
      quantize<std::uint8_t>(x, {0.25F, 100}, {0, 107}, expected, rounding);
      CHECK(q == expected);
      // As near to ties as float32 comes: to multiply and to divide are not the same.
      for (std::size_t i = 0; i < ties.size(); ++i) ties[i] = (static_cast<float>(i) + 0.5F) * 0.3F;
      backend->quantize(ties, {0.3F, 100}, {0, 255}, rounding, q);
      quantize<std::uint8_t>(ties, {0.3F, 100}, {0, 255}, expected, rounding);
      CHECK(q == expected);
    }
    for (const std::int32_t zero_point : {-40'000, -3, 256, 40'000}) {  // of no byte
      INFO(zero_point);
      for (float& one : ties) one = 0.3F * static_cast<float>(&one - ties.data() - zero_point);
      backend->quantize(ties, {0.3F, zero_point}, {0, 255}, Rounding::half_even, q);
      quantize<std::uint8_t>(ties, {0.3F, zero_point}, {0, 255}, expected);
      CHECK(q == expected);
    }
    backend->dequantize(q, {0.3F, 17}, back);
    dequantize<std::uint8_t>(q, {0.3F, 17}, expected_back);
    CHECK(all_same_bits(back, expected_back));
  }
}

TEST_CASE("the edges refuse what chapter 01's refuse", "[hand]") {
  for (const Backend* backend : fast_here()) {
    INFO(backend->name);
    std::vector<float> x(40, 1.0F);
    std::vector<std::uint8_t> q(39);
    CHECK_THROWS_WITH(backend->min_max({}), QFS_CONTAINS("an empty tensor has no minimum"));
    CHECK_THROWS_WITH(backend->quantize(x, {}, {0, 255}, Rounding::half_even, q),
                      QFS_CONTAINS("differ in length"));
    CHECK_THROWS_WITH(backend->dequantize(q, {}, x), QFS_CONTAINS("differ in length"));
    q.resize(40);
    for (QuantRange range : {QuantRange{-1, 200}, QuantRange{0, 256}})
      CHECK_THROWS_WITH(backend->quantize(x, {}, range, Rounding::half_even, q),
                        QFS_CONTAINS("cannot hold the range"));
  }
}

// An object of one kind handed to a function of another would be read as what it is not.
TEST_CASE("what one backend has packed no other runs", "[hand]") {
  Rng rng(1329);
  const Layer layer = random_layer(rng, 3, 5, Sharing::per_tensor, {0, 255});
  const std::vector<std::uint8_t> x(10);
  const LeftSide two = matrix_left_side(x, 2);
  const std::vector<QuantParams> params(1);
  std::vector<std::int32_t> acc(6);
  std::vector<std::uint8_t> y(6);
  std::vector<float> f(6);
  std::vector<const Backend*> all = fast_here();
  all.push_back(&ref_backend());
  if (has_avx2_kernel()) all.push_back(&avx2_backend());
  if (fours::vnni_here() != nullptr) all.push_back(&vnni_backend());
  if (fours::amx_here() != nullptr) all.push_back(&amx_backend());
  for (const Backend* packer : all) {
    const PackedProduct packed = packer->pack(layer.product());
    for (const Backend* runner : all) {
      INFO(runner->name << " runs " << packed.backend);
      if (runner == packer) {
        runner->run_s32(packed, two, acc);
        continue;
      }
      CHECK_THROWS_WITH(runner->run_s32(packed, two, acc), QFS_CONTAINS("another backend"));
      CHECK_THROWS_WITH(runner->run_f32(packed, two, params, f), QFS_CONTAINS("another backend"));
      CHECK_THROWS_WITH(runner->run_u8(packed, two, y), QFS_CONTAINS("another backend"));
    }
  }
}

TEST_CASE("what does not fit is an Error", "[hand]") {
  Rng rng(1330);
  const Layer layer = random_layer(rng, 3, 5, Sharing::per_tensor, {0, 255});
  const std::vector<std::uint8_t> x(12);
  const LeftSide two{2, 5, x.data()}, longer{2, 6, x.data()};
  std::vector<std::int32_t> acc(6);
  std::vector<std::uint8_t> y(6);
  std::vector<float> f(6);
  const std::vector<QuantParams> one(1), three(3);
  for (const Backend* here : fast_here()) {
    INFO(here->name);
    const PackedProduct packed = here->pack(layer.product());
    const PackedProduct bare = here->pack({.weight = &layer.weight, .input_range = layer.inputs});
    CHECK(packed.backend == std::string(here->name) + " of chapter 13");
    CHECK((packed.outputs == 3 && packed.inputs == 5 && packed.input_range == layer.inputs));
    CHECK_THROWS_WITH(here->run_s32(packed, longer, acc), QFS_CONTAINS("does not fit the layer"));
    CHECK_THROWS_WITH(here->run_u8(packed, longer, y), QFS_CONTAINS("does not fit the layer"));
    CHECK_THROWS_WITH(here->run_f32(packed, longer, one, f),
                      QFS_CONTAINS("does not fit the layer"));
    CHECK_THROWS_WITH(here->run_s32(packed, two, std::span(acc).first(5)),
                      QFS_CONTAINS("the output does not fit"));
    CHECK_THROWS_WITH(here->run_u8(packed, two, std::span(y).first(5)),
                      QFS_CONTAINS("the output does not fit"));
    CHECK_THROWS_WITH(here->run_f32(packed, two, one, std::span(f).first(5)),
                      QFS_CONTAINS("the output does not fit"));
    CHECK_THROWS_WITH(here->run_u8(bare, two, y), QFS_CONTAINS("not packed for 8 bits"));
    CHECK_THROWS_WITH(here->run_f32(bare, two, one, f), QFS_CONTAINS("not packed for reals"));
    CHECK_THROWS_WITH(here->run_f32(packed, two, three, f), QFS_CONTAINS("or one for every row"));
    here->run_s32(bare, two, acc);  // which asks for neither
    CHECK(acc == std::vector<std::int32_t>(6, 0));
  }
}

TEST_CASE("pack refuses what chapter 06's refuses", "[hand]") {
  Layer deep{.weight = {make_tensor<std::int8_t>({1, 65794}, std::int8_t{-128}), {1.0F}}};
  Layer empty{.weight = {make_tensor<std::int8_t>({0, 5}), {1.0F}}};
  Layer negative{.weight = {make_tensor<std::int8_t>({1, 5}, std::int8_t{1}), {1.0F}}};
  for (const Backend* here : fast_here()) {
    INFO(here->name);
    CHECK_THROWS_WITH(here->pack({.weight = &deep.weight, .input_range = {0, 255}}),
                      QFS_CONTAINS("may overflow"));
    CHECK_THROWS_AS(here->pack({.weight = &empty.weight, .input_range = {0, 255}}), Error);
    for (QuantRange range : {QuantRange{-1, 5}, QuantRange{0, 256}})
      CHECK_THROWS_WITH(here->pack({.weight = &negative.weight, .input_range = range}),
                        QFS_CONTAINS("not within 8 bits"));
  }
}

TEST_CASE("what they packed, in the words of chapters 11 and 12", "[isa]") {
  Rng rng(1331);
  const Layer layer = random_layer(rng, 40, 70, Sharing::per_tensor, {0, 127});
  for (const Backend* here : fast_here()) {
    const Backend& plain = here == &fast_avx2_backend()   ? avx2_backend()
                           : here == &fast_vnni_backend() ? vnni_backend()
                                                          : amx_backend();
    const std::string line = here->describe(here->pack(layer.product()));
    CHECK(line != "");
    CHECK(line == plain.describe(plain.pack(layer.product())));
  }
}

TEST_CASE("what this CPU has not, pack refuses by name", "[hand]") {
  Rng rng(1332);
  const Layer layer = random_layer(rng, 3, 5, Sharing::per_tensor, {0, 255});
  for (const KnownBackend& known : known_backends()) {
    if (known.can_run()) continue;
    WARN("not here: backend " << known.backend->name);
#if defined(__x86_64__)
    CHECK_THROWS_WITH(known.backend->pack(layer.product()),
                      QFS_CONTAINS("this CPU cannot run the backend") &&
                          QFS_CONTAINS(std::string(known.backend->name)));
#else
    CHECK_THROWS_WITH(known.backend->pack(layer.product()),
                      QFS_CONTAINS("the backend was not built"));
#endif
  }
}

// Chapter 10, the rungs: every one against chapter 02's product, or against 16-bit lanes in plain
// C++ where it adds in them; and what they are run with.
#include <cstring>
#include <memory>
#include <numeric>

#include "10_kernel_ladder/ladder.hpp"
#include "10_kernel_ladder/lesson/paper_example.hpp"
#include "10_kernel_ladder/saturation.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"

using qfs::GemmShape;
using qfs::LadderWeights;
using qfs::Matrix;
using qfs::QuantRange;
using qfs::ladder::Rung;
using qfs::ladder::Task;
using qfs::test::difference;
using qfs::test::GuardedArray;

namespace {

struct Product {
  Matrix<std::uint8_t> x;
  Matrix<std::int8_t> w;
};

template <qfs::Int8 T>
Matrix<T> random_matrix(qfs::Rng& rng, std::size_t rows, std::size_t columns, QuantRange range) {
  auto matrix = qfs::make_tensor<T>({rows, columns});
  const auto count = static_cast<std::uint64_t>(range.qmax - range.qmin + 1);
  for (T& q : qfs::values(matrix))
    q = static_cast<T>(range.qmin + static_cast<std::int32_t>(rng.below(count)));
  return matrix;
}

// Weights from -128 to 127, inputs from 0 to x_max.
Product random_product(qfs::Rng& rng, GemmShape shape, std::int32_t x_max) {
  return {random_matrix<std::uint8_t>(rng, shape.m, shape.k, {0, x_max}),
          random_matrix<std::int8_t>(rng, shape.n, shape.k, qfs::signed_range(8))};
}

std::vector<Rung> runnable_rungs() {
  std::vector<Rung> rungs;
  for (const Rung& rung : qfs::ladder_rungs())
    if (qfs::can_run(rung)) rungs.push_back(rung);
  return rungs;
}

// What the rung makes of x and w that end at the end of memory, packed weights too. The sums hold
// other numbers before.
Matrix<std::int32_t> run_guarded(const Rung& rung, const Product& product) {
  const std::size_t M = product.x.shape(0), N = product.w.shape(0), K = product.x.shape(1);
  const GuardedArray<std::uint8_t> x(qfs::values(product.x));
  const GuardedArray<std::int8_t> w(qfs::values(product.w));
  const GuardedArray<std::int8_t> packed(rung.pack == nullptr ? 0 : rung.packed_bytes(N, K));
  const GuardedArray<std::int32_t> acc(M * N);
  if (rung.pack != nullptr) rung.pack(N, K, w.data(), packed.data());
  rung.run({M, N, K, x.data(), rung.pack == nullptr ? w.data() : packed.data(), acc.data()});
  CHECK((packed.intact() && acc.intact()));
  auto result = qfs::make_tensor<std::int32_t>({M, N});
  std::ranges::copy(acc.values(), result.data());
  return result;
}

Matrix<std::int32_t> exact_sums(const Product& product) {
  auto acc = qfs::make_tensor<std::int32_t>({product.x.shape(0), product.w.shape(0)});
  qfs::gemm_u8s8s32_ref({product.x.shape(0), product.w.shape(0), product.x.shape(1)},
                        qfs::values(product.x), qfs::values(product.w), qfs::values(acc));
  return acc;
}

// As a rung that adds in 16 bits has them. That on weights as they are leaves what is behind the
// last 32 of a row to plain loops.
Matrix<std::int32_t> sums_in_16_bits(const Rung& rung, const Product& product) {
  const std::size_t M = product.x.shape(0), N = product.w.shape(0), K = product.x.shape(1);
  const std::size_t in_lanes = rung.pack == nullptr ? K / 32 * 32 : K;
  auto acc = qfs::make_tensor<std::int32_t>({M, N});
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t n = 0; n < N; ++n) {
      const auto x = qfs::row(product.x, m);
      const auto w = qfs::row(product.w, n);
      acc(m, n) = std::inner_product(x.begin() + static_cast<std::ptrdiff_t>(in_lanes), x.end(),
                                     w.begin() + static_cast<std::ptrdiff_t>(in_lanes),
                                     qfs::dot_saturating(x.first(in_lanes), w.first(in_lanes)));
    }
  return acc;
}

void check_rung(const Rung& rung, const Product& product, const Matrix<std::int32_t>& expected) {
  INFO(rung.name << "; M, N, K = " << product.x.shape(0) << ", " << product.w.shape(0) << ", "
                 << product.x.shape(1));
  CHECK(difference(run_guarded(rung, product), expected) == "");
}

void check_exact(const std::vector<Rung>& rungs, const Product& product) {
  const auto expected = exact_sums(product);
  for (const Rung& rung : rungs) check_rung(rung, product, expected);
}

// Shapes in which each of M, N and K is every number from 1 to 70 `times` times.
std::vector<GemmShape> sampled_shapes(qfs::Rng& rng, int times) {
  std::vector<std::uint32_t> m(70), n(70), k(70);
  for (auto* sizes : {&m, &n, &k}) std::iota(sizes->begin(), sizes->end(), 1U);
  std::vector<GemmShape> shapes;
  for (int i = 0; i < times; ++i) {
    for (auto* sizes : {&m, &n, &k}) rng.shuffle(*sizes);
    for (std::size_t j = 0; j < m.size(); ++j) shapes.push_back({m[j], n[j], k[j]});
  }
  return shapes;
}

// Every depth, with a last row and last outputs that fill no tile; and each small shape.
std::vector<GemmShape> awkward_shapes() {
  std::vector<GemmShape> shapes;
  for (std::size_t k = 1; k <= 70; ++k) shapes.push_back({5, 17, k});
  for (std::size_t m = 1; m <= 9; ++m)
    for (std::size_t n = 1; n <= 33; ++n) shapes.push_back({m, n, 7});
  return shapes;
}

std::vector<Rung> rungs_that(bool add_in_16_bits) {
  std::vector<Rung> rungs = runnable_rungs();
  std::erase_if(rungs, [&](const Rung& rung) { return rung.adds_in_16_bits != add_in_16_bits; });
  return rungs;
}

Product constant_product(GemmShape shape, std::uint8_t x, std::int8_t w) {
  return {qfs::make_tensor<std::uint8_t>({shape.m, shape.k}, x),
          qfs::make_tensor<std::int8_t>({shape.n, shape.k}, w)};
}

}  // namespace

TEST_CASE("the ladder begins with plain loops, which every CPU can run", "[hand]") {
  const auto rungs = qfs::ladder_rungs();
  REQUIRE(!rungs.empty());
  CHECK_FALSE(rungs[0].needs_avx2);
  CHECK_FALSE(rungs[0].adds_in_16_bits);
#if defined(__x86_64__)
  CHECK(rungs.size() == 6);
  CHECK(runnable_rungs().size() == (qfs::cpu_features().avx2 ? 6 : 1));
  if (!qfs::cpu_features().avx2) WARN("this CPU has no AVX2: its rungs are not tested");
#else
  CHECK(rungs.size() == 1);
#endif
  for (const Rung& rung : rungs) {
    CHECK((rung.pack == nullptr) == (rung.packed_bytes == nullptr));
    if (!qfs::can_run(rung)) {
      const Matrix<std::int8_t> w = {{1}};
      CHECK_THROWS_WITH((LadderWeights{rung, w}), QFS_CONTAINS("cannot run the rung"));
    }
  }
}

TEST_CASE("255s times 127s: each rung says of itself whether it is wrong", "[hand]") {
  for (const Rung& rung : runnable_rungs()) {
    INFO(rung.name);
    const auto sums = run_guarded(rung, constant_product({1, 1, 64}, 255, 127));
    // 64 * 255 * 127, or 32 * 32767.
    CHECK(sums(0, 0) == (rung.adds_in_16_bits ? 1048544 : 2072640));
    CHECK(run_guarded(rung, constant_product({1, 1, 64}, 127, -128))(0, 0) == -1040384);
  }
}

TEST_CASE("the example on paper, on every rung", "[hand]") {
  namespace paper = qfs::ch10::paper;
  Product product = constant_product({1, 1, 4}, 0, 0);
  std::ranges::copy(paper::kX, product.x.begin());
  std::ranges::copy(paper::kW, product.w.begin());
  for (const Rung& rung : runnable_rungs()) {
    INFO(rung.name);  // of four numbers, 32 at a time are none: plain loops
    const bool in_16_bits = rung.adds_in_16_bits && rung.pack != nullptr;
    CHECK(run_guarded(rung, product)(0, 0) == (in_16_bits ? paper::kSumIn16Bits : paper::kSum));
  }
}

TEST_CASE("inputs of 7 bits: every rung is exact on every shape", "[isa]") {
  qfs::Rng rng(1001);
  const auto rungs = runnable_rungs();
  for (GemmShape shape : sampled_shapes(rng, 4))
    check_exact(rungs, random_product(rng, shape, 127));
  for (GemmShape shape : awkward_shapes()) check_exact(rungs, random_product(rng, shape, 127));
}

TEST_CASE("inputs of 8 bits: rungs that add in 32 bits are exact on every shape", "[isa]") {
  qfs::Rng rng(1002);
  const auto rungs = rungs_that(false);
  for (GemmShape shape : sampled_shapes(rng, 4))
    check_exact(rungs, random_product(rng, shape, 255));
  for (GemmShape shape : awkward_shapes()) check_exact(rungs, random_product(rng, shape, 255));
}

TEST_CASE("inputs of 8 bits: rungs that add in 16 bits saturate pair by pair", "[isa]") {
  qfs::Rng rng(1003);
  auto shapes = sampled_shapes(rng, 2);
  for (GemmShape shape : awkward_shapes()) shapes.push_back(shape);
  for (const Rung& rung : rungs_that(true)) {
    std::size_t wrong = 0;
    for (GemmShape shape : shapes) {
      const Product product = random_product(rng, shape, 255);
      const auto expected = sums_in_16_bits(rung, product);
      check_rung(rung, product, expected);
      wrong += difference(expected, exact_sums(product)).empty() ? 0 : 1;
    }
    CHECK(wrong >= 100);  // of 507 shapes: or no lane was ever full
  }
}

TEST_CASE("extreme inputs times extreme weights, as deep as 300", "[isa]") {
  qfs::Rng rng(1004);
  const std::int32_t inputs[] = {0, 1, 127, 128, 255}, weights[] = {-128, -127, -1, 0, 127};
  const auto rungs = runnable_rungs();
  for (std::size_t K : {1U, 2U, 3U, 5U, 31U, 32U, 33U, 63U, 64U, 66U, 127U, 255U, 299U, 300U})
    for (std::int32_t x0 : inputs)
      for (std::int32_t w0 : weights) {
        // All of them equal to x0 and w0; then others among them, inputs no larger than x0.
        Product product = constant_product({5, 17, K}, static_cast<std::uint8_t>(x0),
                                           static_cast<std::int8_t>(w0));
        for (bool others : {false, true}) {
          if (others) {
            for (auto& x : product.x)
              x = static_cast<std::uint8_t>(std::min(x0, inputs[rng.below(5)]));
            for (auto& w : product.w)
              if (rng.below(2) == 0) w = static_cast<std::int8_t>(weights[rng.below(5)]);
          }
          const QuantRange w_range =
              others ? qfs::signed_range(8) : QuantRange{std::min(w0, 0), std::max(w0, 0)};
          const auto exact = exact_sums(product);
          for (const Rung& rung : rungs)
            check_rung(
                rung, product,
                qfs::is_exact(rung, {0, x0}, w_range) ? exact : sums_in_16_bits(rung, product));
        }
      }
}

TEST_CASE("the longest sum that 32 bits hold, on every rung", "[hand]") {
  const std::size_t depth = 65793;
  auto acc = qfs::make_tensor<std::int32_t>({5, 1});
  for (const Rung& rung : runnable_rungs()) {
    INFO(rung.name);
    const Product product = constant_product({5, 1, depth}, 255, -128);
    const LadderWeights weights(rung, product.w);
    weights.run(product.x, acc);
    // 65793 * 255 * -128; in 16 bits 32896 pairs of -32768, and a last product of -32640 alone.
    const std::int32_t expected = rung.adds_in_16_bits ? -1077968768 : -2147483520;
    CHECK(difference(acc, qfs::make_tensor<std::int32_t>({5, 1}, expected)) == "");
    const auto longer = qfs::make_tensor<std::int8_t>({1, depth + 1});
    CHECK_THROWS_WITH((LadderWeights{rung, longer}),
                      QFS_CONTAINS("may overflow 32 bits") && QFS_CONTAINS("65793"));
  }
}

TEST_CASE("packed weights lie where the kernel reads them, zeros past N and K", "[isa]") {
  qfs::Rng rng(1005);
  for (const Rung& rung : runnable_rungs()) {
    if (rung.pack == nullptr) continue;
    for (auto [m, N, K] : sampled_shapes(rng, 2)) {
      const auto w = random_matrix<std::int8_t>(rng, N, K, qfs::signed_range(8));
      const GuardedArray<std::int8_t> from(qfs::values(w)), packed(rung.packed_bytes(N, K));
      rung.pack(N, K, from.data(), packed.data());
      std::vector<std::int8_t> expected(packed.values().size());
      for (std::size_t n = 0; n < N; ++n)
        for (std::size_t k = 0; k < K; ++k)
          expected[n / 8 * ((K + 3) / 4 * 32) + k / 4 * 32 + n % 8 * 4 + k % 4] = w(n, k);
      INFO(rung.name << "; N, K = " << N << ", " << K);
      CHECK(difference(std::span<const std::int8_t>(packed.values()),
                       std::span<const std::int8_t>(expected)) == "");
    }
  }
}

TEST_CASE("K = 0 gives zeros, M = 0 and N = 0 give nothing", "[hand]") {
  for (const Rung& rung : runnable_rungs()) {
    INFO(rung.name);
    const LadderWeights without_depth(rung, qfs::make_tensor<std::int8_t>({17, 0}));
    auto acc = qfs::make_tensor<std::int32_t>({5, 17}, 99);
    without_depth.run(qfs::make_tensor<std::uint8_t>({5, 0}), acc);
    CHECK(difference(acc, qfs::make_tensor<std::int32_t>({5, 17})) == "");
    run_guarded(rung,
                {qfs::make_tensor<std::uint8_t>({0, 3}), qfs::make_tensor<std::int8_t>({2, 3})});
    run_guarded(rung,
                {qfs::make_tensor<std::uint8_t>({2, 3}), qfs::make_tensor<std::int8_t>({0, 3})});
    for (std::size_t M : {0U, 3U}) {
      const LadderWeights none(rung, qfs::make_tensor<std::int8_t>({0, 4}));
      auto no_outputs = qfs::make_tensor<std::int32_t>({M, 0});
      CHECK_NOTHROW(none.run(qfs::make_tensor<std::uint8_t>({M, 4}), no_outputs));
    }
    const LadderWeights some(rung, qfs::make_tensor<std::int8_t>({3, 4}, 1));
    auto no_rows = qfs::make_tensor<std::int32_t>({0, 3});
    CHECK_NOTHROW(some.run(qfs::make_tensor<std::uint8_t>({0, 4}), no_rows));
  }
}

TEST_CASE("weights of a rung refuse shapes that do not fit", "[hand]") {
  for (const Rung& rung : runnable_rungs()) {
    const LadderWeights weights(rung, qfs::make_tensor<std::int8_t>({3, 4}, 1));
    const auto run = [&](GemmShape x, GemmShape sums) {
      auto acc = qfs::make_tensor<std::int32_t>({sums.m, sums.n}, 7);
      weights.run(qfs::make_tensor<std::uint8_t>({x.m, x.k}), acc);
    };
    CHECK_NOTHROW(run({.m = 2, .k = 4}, {.m = 2, .n = 3}));
    for (std::size_t k : {0U, 3U, 5U})
      CHECK_THROWS_WITH(run({.m = 2, .k = k}, {.m = 2, .n = 3}),
                        QFS_CONTAINS("do not fit") && QFS_CONTAINS("M x 4 to M x 3"));
    for (std::size_t m : {0U, 1U, 3U})
      CHECK_THROWS_AS(run({.m = 2, .k = 4}, {.m = m, .n = 3}), qfs::Error);
    for (std::size_t n : {0U, 2U, 4U})
      CHECK_THROWS_AS(run({.m = 2, .k = 4}, {.m = 2, .n = n}), qfs::Error);
    CHECK_THROWS_WITH(run({.m = 6, .k = 2}, {.m = 6, .n = 3}), QFS_CONTAINS("6 x 2 to 6 x 3"));
  }
}

TEST_CASE("weights of a rung are copies: what they came from may change and go", "[prop]") {
  qfs::Rng rng(1006);
  for (const Rung& rung : runnable_rungs()) {
    INFO(rung.name);
    Product product = random_product(rng, {6, 19, 37}, 127);
    const auto expected = exact_sums(product);
    auto own = std::make_unique<Rung>(rung);  // one that goes, as a reader's own may
    LadderWeights weights(*own, product.w);
    own.reset();
    product.w.fill(0);
    auto acc = qfs::make_tensor<std::int32_t>({6, 19});
    weights.run(product.x, acc);
    CHECK(difference(acc, expected) == "");
    const LadderWeights moved = std::move(weights);
    acc.fill(0);
    moved.run(product.x, acc);
    CHECK(difference(acc, expected) == "");
    moved.run(product.x, acc);  // what stands in the sums is not added to
    CHECK(difference(acc, expected) == "");
  }
}

namespace {

// A rung that computes nothing and keeps what it was given.
Task seen;
std::size_t calls;
const Rung kWitness = {
    .name = "witness", .needs_avx2 = false, .adds_in_16_bits = false, .run = [](const Task& task) {
      seen = task;
      ++calls;
    }};

}  // namespace

TEST_CASE("a rung gets weights that begin at a cache line, and the sizes", "[hand]") {
  std::vector<LadderWeights> kept;  // so that no two are at one place
  for (std::size_t n = 1; n <= 20; ++n) {
    const Matrix<std::int8_t> w =
        qfs::make_tensor<std::int8_t>({n, 3}, static_cast<std::int8_t>(n));
    kept.emplace_back(kWitness, w);
    const auto x = qfs::make_tensor<std::uint8_t>({2, 3});
    auto acc = qfs::make_tensor<std::int32_t>({2, n});
    kept.back().run(x, acc);
    CHECK(reinterpret_cast<std::uintptr_t>(seen.w) % 64 == 0);
    CHECK((seen.M == 2 && seen.N == n && seen.K == 3));
    CHECK((seen.x == x.data() && seen.acc == acc.data()));
    CHECK(std::memcmp(seen.w, w.data(), w.size()) == 0);
  }
}

TEST_CASE("a rung is not called where there are no sums", "[hand]") {
  calls = 0;
  auto none = qfs::make_tensor<std::int32_t>({0, 2});
  const LadderWeights weights(kWitness, qfs::make_tensor<std::int8_t>({2, 3}));
  weights.run(qfs::make_tensor<std::uint8_t>({0, 3}), none);
  CHECK(calls == 0);
  auto one = qfs::make_tensor<std::int32_t>({1, 2});
  weights.run(qfs::make_tensor<std::uint8_t>({1, 3}), one);
  CHECK(calls == 1);
}

#if defined(__x86_64__)
TEST_CASE("how many bytes packed weights take", "[hand]") {
  if (!qfs::cpu_features().avx2) return;
  using qfs::ladder::packed_bytes, qfs::ladder::tiled_bytes;
  CHECK((packed_bytes(8, 4) == 32 && tiled_bytes(8, 4) == 64));
  CHECK((packed_bytes(9, 5) == 128 && tiled_bytes(9, 5) == 128));    // 2 blocks of 8, 2 of 4 inputs
  CHECK((packed_bytes(17, 5) == 192 && tiled_bytes(17, 5) == 256));  // 3 or 4 blocks of 8
  CHECK((packed_bytes(100, 784) == 81536 && tiled_bytes(100, 784) == 87808));  // 13 or 14, and 196
  CHECK((packed_bytes(0, 5) == 0 && tiled_bytes(0, 5) == 0));
  CHECK((packed_bytes(5, 0) == 0 && tiled_bytes(5, 0) == 0));
}

TEST_CASE("the limits count the products they make", "[isa]") {
  const auto cpu = qfs::cpu_features();
  if (!cpu.avx2) return;
  // Ten instructions a round, of 16 or 32 products; float ones of 8.
  CHECK(qfs::ladder::limit_madd(3) == 480.0);
  CHECK(qfs::ladder::limit_maddubs(3) == 960.0);
  CHECK(qfs::ladder::limit_madd(0) == 0.0);
  if (cpu.fma) CHECK(qfs::ladder::limit_fma(3) == 240.0);
}
#endif

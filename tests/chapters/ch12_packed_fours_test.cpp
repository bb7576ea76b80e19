// Chapter 12, packing and the loops round the kernels: every product equal to chapter 02's.
#include <numeric>

#include "12_wider_instructions/packed_fours.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/wide_kernels.hpp"

using qfs::GemmShape;
using qfs::LeftSide;
using qfs::Matrix;
using qfs::PackedFours;
using qfs::Rng;
using qfs::SumRows;
using qfs::fours::Kernel;
using qfs::test::difference;
using qfs::test::GuardedArray;
using qfs::test::WideKernels;

namespace {

using Sizes = std::vector<std::size_t>;

struct Product {
  std::vector<std::uint8_t> x;
  Matrix<std::int8_t> w;
  std::vector<std::int32_t> start;
  GemmShape shape;
};

Product random_product(Rng& rng, GemmShape shape) {
  Product product{std::vector<std::uint8_t>(shape.m * shape.k),
                  qfs::make_tensor<std::int8_t>({shape.n, shape.k}),
                  std::vector<std::int32_t>(shape.n), shape};
  for (std::uint8_t& q : product.x) q = static_cast<std::uint8_t>(rng.below(256));
  for (std::int8_t& q : qfs::values(product.w)) q = static_cast<std::int8_t>(rng.below(256));
  for (std::int32_t& s : product.start) s = static_cast<std::int32_t>(rng.below(2000)) - 1000;
  return product;
}

std::vector<std::int32_t> exact_sums(const Product& product, bool start) {
  const auto [M, N, K] = product.shape;
  std::vector<std::int32_t> acc(M * N);
  qfs::gemm_u8s8s32_ref(product.shape, product.x, qfs::values(product.w), acc);
  for (std::size_t i = 0; start && i < acc.size(); ++i) acc[i] += product.start[i % N];
  return acc;
}

// Every sum once.
std::vector<std::int32_t> multiply_in(qfs::BlockOfSums& block, const Kernel& kernel,
                                      const PackedFours& w, const LeftSide& x,
                                      std::span<const std::int32_t> start) {
  std::vector<std::int32_t> acc(x.rows * w.N, 0);
  std::vector<int> times(x.rows * w.N, 0);
  qfs::multiply_fours(kernel, w, x, start, block, [&](const SumRows& sums) {
    for (std::size_t r = 0; r < sums.rows; ++r)
      for (std::size_t n = 0; n < sums.outputs; ++n) {
        const std::size_t i = (sums.row + r) * w.N + sums.output + n;
        acc.at(i) = sums.of(r)[n];
        ++times.at(i);
      }
  });
  CHECK(std::ranges::count(times, 1) == std::ssize(times));
  return acc;
}

std::vector<std::int32_t> multiply_straight(qfs::BlockOfSums& block, const Kernel& kernel,
                                            const PackedFours& w, const LeftSide& x,
                                            std::span<const std::int32_t> start) {
  const GuardedArray<std::int32_t> acc(x.rows * w.N);
  qfs::multiply_fours(kernel, w, x, block, acc.values());
  CHECK(acc.intact());
  std::vector<std::int32_t> sums(acc.begin(), acc.end());
  for (std::size_t i = 0; !start.empty() && i < sums.size(); ++i) sums[i] += start[i % w.N];
  return sums;
}

// Whatever shape was there before; a new block shows sanitizers what is too small.
std::vector<std::int32_t> multiply(const Kernel& kernel, const PackedFours& w, const LeftSide& x,
                                   std::span<const std::int32_t> start) {
  static qfs::BlockOfSums kept;
  qfs::BlockOfSums fresh;
  const auto acc = multiply_in(kept, kernel, w, x, start);
  CHECK(difference<std::int32_t>(multiply_in(fresh, kernel, w, x, start), acc) == "");
  CHECK(difference<std::int32_t>(multiply_straight(fresh, kernel, w, x, start), acc) == "");
  return acc;
}

// x begins at any address, and ends where memory ends.
void check_product(const std::vector<const Kernel*>& kernels, const Product& product, bool start) {
  const auto [M, N, K] = product.shape;
  const GuardedArray<std::uint8_t> x((std::span<const std::uint8_t>(product.x)));
  const PackedFours packed = qfs::pack_fours(product.w);
  const auto expected = exact_sums(product, start);
  for (const Kernel* kernel : kernels) {
    INFO(kernel->name << "; M, N, K = " << M << ", " << N << ", " << K);
    const auto acc = multiply(*kernel, packed, {M, K, x.data()},
                              start ? product.start : std::span<const std::int32_t>{});
    CHECK(difference<std::int32_t>(acc, expected) == "");
  }
}

}  // namespace

TEST_CASE("weights in fours", "[hand]") {
  // 17 x 70: a second block for one output, 18 lines of inputs, 32 to fill tiles.
  auto w = qfs::make_tensor<std::int8_t>({17, 70});
  w(0, 0) = 1;
  w(0, 3) = 2;
  w(1, 0) = 3;
  w(15, 69) = -128;
  w(16, 5) = 127;
  const PackedFours packed = qfs::pack_fours(w);
  CHECK((packed.N == 17 && packed.K == 70 && packed.blocks == 2 && packed.block_lines == 32));
  REQUIRE(packed.lines.size() == 2 * 32);
  CHECK(reinterpret_cast<std::uintptr_t>(packed.lines.data()) % 64 == 0);
  CHECK(packed.lines[0].of[0] == 1);
  CHECK(packed.lines[0].of[3] == 2);
  CHECK(packed.lines[0].of[4] == 3);
  CHECK(packed.lines[17].of[15 * 4 + 1] == -128);  // line 17 is k = 68 .. 71
  CHECK(packed.lines[32 + 1].of[1] == 127);        // of the second block: k = 4 .. 7
  int others = 0;
  for (const auto& line : packed.lines)
    for (std::int8_t q : line.of) others += q != 0;
  CHECK(others == 5);  // nothing else
}

TEST_CASE("packing keeps every weight, and fills up with zeros", "[prop]") {
  Rng rng(1211);
  for (const std::size_t n : Sizes{1, 15, 16, 17, 33, 64, 65})
    for (const std::size_t k : Sizes{1, 3, 4, 5, 63, 64, 65, 128, 257}) {
      const Product product = random_product(rng, {1, n, k});
      const PackedFours packed = qfs::pack_fours(product.w);
      CHECK(packed.lines.size() == (n + 15) / 16 * ((k + 63) / 64 * 16));
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < packed.lines.size() * 64; ++i) {
        const std::size_t line = i / 64, in_block = packed.block_lines;
        const std::size_t of_n = line / in_block * 16 + i % 64 / 4;
        const std::size_t of_k = line % in_block * 4 + i % 4;
        const std::int8_t expected = of_n < n && of_k < k ? product.w(of_n, of_k) : std::int8_t{0};
        wrong += packed.lines[line].of[i % 64] != expected;
      }
      INFO(n << " x " << k);
      CHECK(wrong == 0);
    }
}

TEST_CASE("no weights are an error", "[hand]") {
  CHECK_THROWS_WITH(qfs::pack_fours(qfs::make_tensor<std::int8_t>({0, 4})),
                    QFS_CONTAINS("no weights to pack"));
  CHECK_THROWS_WITH(qfs::pack_fours(qfs::make_tensor<std::int8_t>({4, 0})),
                    QFS_CONTAINS("no weights to pack"));
}

TEST_CASE("M, N and K from 1 to 70", "[isa]") {
  Rng rng(1212);
  const WideKernels kernels;
  std::vector<std::uint32_t> m(70), n(70), k(70);
  for (auto* sizes : {&m, &n, &k}) std::iota(sizes->begin(), sizes->end(), 1U);
  for (int i = 0; i < 3; ++i) {
    for (auto* sizes : {&m, &n, &k}) rng.shuffle(*sizes);
    for (std::size_t j = 0; j < m.size(); ++j)
      check_product(kernels.all(), random_product(rng, {m[j], n[j], k[j]}), j % 2 == 0);
  }
}

TEST_CASE("rows and outputs round whole tiles and blocks", "[isa]") {
  Rng rng(1213);
  const WideKernels kernels;
  for (const std::size_t m :
       Sizes{1, 5, 6, 7, 16, 17, 31, 32, 33, 49, 64, 95, 96, 97, 113, 192, 193, 209})
    check_product(kernels.all(), random_product(rng, {m, 17, 68}), true);
  for (const std::size_t n :
       Sizes{1, 15, 16, 17, 31, 32, 33, 48, 49, 63, 64, 65, 80, 112, 128, 129, 145})
    check_product(kernels.all(), random_product(rng, {7, n, 68}), true);
}

TEST_CASE("inputs round fours and tiles", "[isa]") {
  Rng rng(1214);
  const WideKernels kernels;
  for (const std::size_t k :
       Sizes{1, 2, 3, 4, 5, 7, 8, 60, 61, 63, 64, 65, 68, 127, 128, 192, 255, 256, 257, 260, 1300})
    for (const bool start : {false, true})
      check_product(kernels.all(), random_product(rng, {7, 37, k}), start);
}

TEST_CASE("extreme numbers, all 8 bits: nothing saturates", "[isa]") {
  Rng rng(1215);
  const WideKernels kernels;
  for (const int x : {0, 1, 127, 128, 255})
    for (const int w : {-128, -127, -1, 0, 127})
      for (const std::size_t k : Sizes{64, 515}) {
        Product product = random_product(rng, {7, 20, k});
        std::ranges::fill(product.x, static_cast<std::uint8_t>(x));
        std::ranges::fill(qfs::values(product.w), static_cast<std::int8_t>(w));
        const std::vector<std::int32_t> expected(7 * 20, x * w * static_cast<std::int32_t>(k));
        for (const Kernel* kernel : kernels.all()) {
          INFO(kernel->name << ": " << k << " times " << x << " * " << w);
          const auto acc =
              multiply(*kernel, qfs::pack_fours(product.w), {7, k, product.x.data()}, {});
          CHECK(difference<std::int32_t>(acc, expected) == "");
        }
      }
}

TEST_CASE("rows that are packed on the way", "[isa]") {
  Rng rng(1216);
  const WideKernels kernels;
  // Row m is the K bytes from m on: patches that overlap.
  struct Signal {
    std::vector<std::uint8_t> bytes;
    std::size_t depth;
  };
  const auto pack = [](const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) {
    const auto& signal = *static_cast<const Signal*>(source);
    for (std::size_t m = begin; m < end; ++m, to += signal.depth)
      std::copy_n(signal.bytes.data() + m, signal.depth, to);
  };
  for (const std::size_t k : Sizes{1, 4, 27, 64, 100, 260})
    for (const std::size_t m : Sizes{1, 33, 130}) {
      Signal signal{std::vector<std::uint8_t>(m + k), k};
      for (std::uint8_t& q : signal.bytes) q = static_cast<std::uint8_t>(rng.below(256));
      Product product = random_product(rng, {m, 35, k});
      pack(&signal, 0, m, product.x.data());
      const auto expected = exact_sums(product, false);
      for (const Kernel* kernel : kernels.all()) {
        INFO(kernel->name << "; M, K = " << m << ", " << k);
        const auto acc = multiply(*kernel, qfs::pack_fours(product.w), {m, k, &signal, pack}, {});
        CHECK(difference<std::int32_t>(acc, expected) == "");
      }
    }
}

namespace {

// Rows of runs of a picture.
struct RunsOf {
  const std::uint8_t* picture = nullptr;
  qfs::RowsInPlace in_place{};
  std::size_t runs = 1, line_step = 0;  // a line is of in_place.together rows

  std::size_t begin_of(std::size_t row) const {
    return row / in_place.together * line_step + row % in_place.together * in_place.row_step;
  }
};

const std::uint8_t* run_at(const void* source, std::size_t row) {
  const RunsOf& of = *static_cast<const RunsOf*>(source);
  return of.picture + of.begin_of(row);
}

void write_runs(const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) {
  const RunsOf& of = *static_cast<const RunsOf*>(source);
  for (std::size_t row = begin; row < end; ++row)
    for (std::size_t i = 0; i < of.runs; ++i, to += of.in_place.run)
      std::copy_n(of.picture + of.begin_of(row) + i * of.in_place.run_step, of.in_place.run, to);
}

RunsOf random_runs(Rng& rng, std::size_t run, std::size_t together) {
  return {.in_place = {.run = run,
                       .run_step = run + rng.below(40),
                       .together = together,
                       .row_step = 1 + rng.below(20),
                       .at = run_at},
          .runs = 1 + rng.below(5),
          .line_step = 30 + rng.below(30)};
}

// Behind the last run there is no memory, but for kReadBehind bytes where four do not divide it.
void check_runs(const std::vector<const Kernel*>& kernels, Rng& rng, RunsOf of, std::size_t m) {
  std::size_t end = 0;
  for (std::size_t row = 0; row < m; ++row) end = std::max(end, of.begin_of(row));
  end += (of.runs - 1) * of.in_place.run_step + of.in_place.run;
  if (of.in_place.run % 4 != 0) end += qfs::kReadBehind;
  const GuardedArray<std::uint8_t> picture(end);
  for (std::uint8_t& q : picture) q = static_cast<std::uint8_t>(rng.below(256));
  of.picture = picture.data();
  const std::size_t k = of.runs * of.in_place.run;
  Product product = random_product(rng, {m, 1 + rng.below(70), k});
  write_runs(&of, 0, m, product.x.data());
  const auto expected = exact_sums(product, true);
  const LeftSide given{m, k, &of, write_runs, of.in_place}, written{m, k, &of, write_runs},
      matrix{m, k, product.x.data()};
  for (const Kernel* kernel : kernels)
    for (const std::size_t run : {std::size_t{0}, of.in_place.run}) {
      const bool tiles = kernel->inputs != qfs::fours::kInputs;
      const PackedFours packed = qfs::pack_fours(product.w, tiles ? 0 : run);
      for (const LeftSide& x : {given, written, matrix}) {
        INFO(kernel->name << ": " << m << " rows, " << of.in_place.together << " together, of "
                          << of.runs << " runs of " << of.in_place.run << ", packed by " << run);
        CHECK(difference<std::int32_t>(multiply(*kernel, packed, x, product.start), expected) ==
              "");
      }
    }
}

}  // namespace

TEST_CASE("a run begins with a line of its own", "[hand]") {
  auto w = qfs::make_tensor<std::int8_t>({1, 10});
  std::iota(w.begin(), w.end(), std::int8_t{1});
  const PackedFours packed = qfs::pack_fours(w, 5);
  CHECK((packed.run == 5 && packed.run_lines() == 2 && packed.used_lines() == 4));
  const auto four = [&](std::size_t line) {
    return std::vector<int>(packed.lines[line].of, packed.lines[line].of + 4);
  };
  CHECK(four(0) == std::vector{1, 2, 3, 4});
  CHECK(four(1) == std::vector{5, 0, 0, 0});
  CHECK(four(2) == std::vector{6, 7, 8, 9});
  CHECK(four(3) == std::vector{10, 0, 0, 0});
  CHECK_THROWS_WITH(qfs::pack_fours(w, 4), QFS_CONTAINS("the runs do not make up a row"));
}

TEST_CASE("rows in place: runs of every length, lines of every width", "[isa]") {
  Rng rng(1219);
  const WideKernels kernels;
  for (std::size_t run = 1; run <= 24; ++run)
    for (const std::size_t together : Sizes{1, 3, 4, 7, 14, 30})
      check_runs(kernels.all(), rng, random_runs(rng, run, together), 1 + rng.below(120));
  for (const std::size_t m : Sizes{95, 96, 97, 193})  // round blocks of rows
    check_runs(kernels.all(), rng, random_runs(rng, 8, 28), m);
}

TEST_CASE("no rows: nothing to store", "[hand]") {
  Rng rng(1217);
  const Product product = random_product(rng, {1, 5, 9});
  const WideKernels kernels;
  for (const Kernel* kernel : kernels.all())
    CHECK(multiply(*kernel, qfs::pack_fours(product.w), {0, 9, nullptr}, {}).empty());
}

#if defined(__x86_64__) && defined(__linux__)
TEST_CASE("tiles are configured once a block of rows, and never for inputs", "[isa]") {
  if (qfs::fours::amx_here() != nullptr) return;  // who counts is the emulator
  Rng rng(1218);
  // Of three products (multiply).
  const auto configurations = [&](GemmShape shape) {
    const qfs::test::AmxEmulator emulator;
    check_product({&qfs::fours::amx()}, random_product(rng, shape), true);
    const auto counts = qfs::test::amx_counts();
    CHECK(counts.releases == counts.configurations);
    return counts.configurations;
  };
  CHECK(configurations({96, 40, 300}) == 3 * 1);
  CHECK(configurations({192, 20, 9}) == 3 * 2);
  CHECK(configurations({97, 40, 300}) == 3 * 2);
  CHECK(configurations({49, 40, 70}) == 3 * 2);  // 32 and 17
  CHECK(configurations({17, 40, 70}) == 3 * 1);
}
#endif

// Chapter 12, the kernels: the two instructions by hand; every kernel against the definition; and
// what AMX asks for beside.
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "12_wider_instructions/amx.hpp"
#include "12_wider_instructions/instructions.hpp"
#include "12_wider_instructions/packed_fours.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/wide_kernels.hpp"

using qfs::Rng;
using qfs::TileConfiguration;
using qfs::TileRegister;
using qfs::vpdpbusd;
using qfs::fours::Kernel;
using qfs::fours::kLineBytes;
using qfs::fours::kOutputs;
using qfs::fours::Part;
using qfs::test::difference;
using qfs::test::GuardedArray;
using qfs::test::WideKernels;

namespace {

using Sizes = std::vector<std::size_t>;

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();

constexpr std::int32_t four(std::int32_t sum, std::array<std::uint8_t, 4> x,
                            std::array<std::int8_t, 4> w) {
  return vpdpbusd(sum, x.data(), w.data());
}

// Which part of a product, and how it lies in memory.
struct Shape {
  std::size_t rows = 0, blocks = 0, steps = 0;
  std::size_t x_gap = 0, w_gap = 0, sums_gap = 0;  // bytes, lines, numbers between two of them
  std::size_t runs = 1, run_gap = 0;               // of a row of x; bytes between two
};

// Numbers that all kernels are given. Each array ends where memory ends.
struct Given {
  std::size_t lines, run_lines, run_step, x_bytes, x_stride, block_stride, sums_stride;
  GuardedArray<std::uint8_t> x;
  GuardedArray<std::int8_t> w;
  GuardedArray<std::int32_t> start;

  Given(const Shape& shape, std::size_t inputs, Rng& rng)
      : lines(shape.steps * inputs / qfs::fours::kInputs),
        run_lines(lines / shape.runs),
        run_step(run_lines * qfs::fours::kInputs + shape.run_gap),
        x_bytes(shape.runs * run_step - shape.run_gap),
        x_stride(x_bytes + shape.x_gap),
        block_stride((lines + shape.w_gap) * kLineBytes),
        sums_stride(shape.blocks * kOutputs + shape.sums_gap),
        x((shape.rows - 1) * x_stride + x_bytes),
        w((shape.blocks - 1) * block_stride + lines * kLineBytes),
        start(shape.blocks * kOutputs) {
    for (std::uint8_t& q : x.values()) q = static_cast<std::uint8_t>(rng.below(256));
    for (std::int8_t& q : w.values()) q = static_cast<std::int8_t>(rng.below(256));
    // Of every four one that is at an end of the 32 bits, so that its sums wrap half the time.
    for (std::int32_t& s : start.values()) s = static_cast<std::int32_t>(rng.bits());
    for (std::size_t n = 0; n < start.values().size(); n += 4)
      start.values()[n] = n % 8 == 0 ? kMax : kMin;
  }
};

// What stands in the sums before, in the gaps too.
std::int32_t before(std::size_t i) { return static_cast<std::int32_t>(i * 40503U * 65537U); }

std::vector<std::int32_t> run_guarded(const Kernel& kernel, const Shape& shape,
                                      const Given& given) {
  // The gap behind the last row belongs to nobody.
  const GuardedArray<std::int32_t> sums(shape.rows * given.sums_stride);
  for (std::size_t i = 0; i < sums.values().size(); ++i) sums.values()[i] = before(i);
  if (kernel.configure != nullptr) kernel.configure(shape.rows);
  kernel.multiply({given.x.data(), given.x_stride, shape.rows, given.w.data(), given.block_stride,
                   shape.blocks, given.lines, given.run_lines, given.run_step, given.start.data(),
                   sums.data(), given.sums_stride});
  if (kernel.release != nullptr) kernel.release();
  CHECK(sums.intact());
  return {sums.values().begin(), sums.values().end()};
}

// By the definition, in 64 bits that are cut to 32 at the end.
std::vector<std::int32_t> expected_sums(const Shape& shape, const Given& given) {
  std::vector<std::int32_t> sums(shape.rows * given.sums_stride);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = before(i);
  for (std::size_t r = 0; r < shape.rows; ++r)
    for (std::size_t n = 0; n < shape.blocks * kOutputs; ++n) {
      std::int32_t& to = sums[r * given.sums_stride + n];
      std::int64_t sum = given.start.values()[n];
      for (std::size_t k = 0; k < given.lines * 4; ++k)
        sum += given.x.values()[r * given.x_stride + k / (4 * given.run_lines) * given.run_step +
                                k % (4 * given.run_lines)] *
               given.w.values()[n / 16 * given.block_stride + k / 4 * 64 + n % 16 * 4 + k % 4];
      to = static_cast<std::int32_t>(sum);
    }
  return sums;
}

void check_part(const Kernel& kernel, const Shape& shape, Rng& rng) {
  INFO(kernel.name << ": " << shape.rows << " rows, " << shape.blocks << " blocks, " << shape.steps
                   << " steps; gaps " << shape.x_gap << ", " << shape.w_gap << ", "
                   << shape.sums_gap << "; " << shape.runs << " runs, gap " << shape.run_gap);
  const Given given(shape, kernel.inputs, rng);
  const auto expected = expected_sums(shape, given);
  const auto got = run_guarded(kernel, shape, given);
  CHECK(difference<std::int32_t>(got, expected) == "");
}

TileConfiguration bytes_by_hand(const std::array<unsigned, 8>& rows) {
  std::array<std::uint8_t, 64> bytes{};
  bytes[0] = 1;  // palette
  for (std::size_t t = 0; t < 8; ++t) {
    bytes[16 + 2 * t] = rows[t] == 0 ? 0 : 64;  // low byte of 16 bits
    bytes[48 + t] = static_cast<std::uint8_t>(rows[t]);
  }
  return std::bit_cast<TileConfiguration>(bytes);
}

bool same_bytes(const TileConfiguration& a, const TileConfiguration& b) {
  return std::memcmp(&a, &b, 64) == 0;
}

}  // namespace

TEST_CASE("vpdpbusd adds four exact products", "[hand]") {
  STATIC_REQUIRE(four(10, {1, 2, 3, 4}, {5, 6, 7, 8}) == 10 + 5 + 12 + 21 + 32);
  // vpmaddubsw would make 32 767 of the first pair (chapter 10).
  STATIC_REQUIRE(four(0, {255, 255, 255, 255}, {127, 127, 127, 127}) == 129540);
  STATIC_REQUIRE(four(0, {255, 255, 255, 255}, {-128, -128, -128, -128}) == -130560);
  STATIC_REQUIRE(four(7, {200, 200, 0, 0}, {-1, 1, -128, 127}) == 7);
  // Past 32 bits it wraps, where vpdpbusds would stay.
  STATIC_REQUIRE(four(kMax, {1, 0, 0, 0}, {1, 1, 1, 1}) == kMin);
  STATIC_REQUIRE(four(kMin, {0, 0, 0, 1}, {1, 1, 1, -1}) == kMax);
}

TEST_CASE("tdpbusd multiplies tiles as far as they are configured", "[hand]") {
  // 2 rows of 8 inputs by 2 lines (k = 0..3 and 4..7) of 2 outputs.
  TileRegister sums{2, 8}, x{2, 8}, w{2, 8};
  x.bytes[0] = {1, 2, 3, 4, 5, 6, 7, 255};
  x.bytes[1] = {0, 0, 0, 0, 0, 0, 0, 2};
  x.bytes[2].fill(9);  // of a row that is not configured
  const auto s8 = [](int q) { return static_cast<std::uint8_t>(q); };
  w.bytes[0] = {1, 1, 1, 1, s8(-1), 0, 0, 0};
  w.bytes[1] = {0, 0, 0, s8(-128), 1, 1, 1, 127};
  w.bytes[2].fill(9);
  const std::int32_t ten = 10;
  std::memcpy(&sums.bytes[1][4], &ten, 4);
  qfs::tdpbusd(sums, x, w);
  std::array<std::array<std::int32_t, 16>, 3> got{};
  for (std::size_t r = 0; r < 3; ++r) std::memcpy(got[r].data(), sums.bytes[r].data(), 64);
  CHECK(got[0][0] == 1 + 2 + 3 + 4 - 255 * 128);
  CHECK(got[0][1] == -1 + 5 + 6 + 7 + 255 * 127);
  CHECK(got[1][0] == -2 * 128);
  CHECK(got[1][1] == 10 + 2 * 127);
  CHECK(got[0][2] == 0);  // the third output
  CHECK(got[2][0] == 0);  // the third row
}

TEST_CASE("64 bytes configure the tiles", "[hand]") {
  using qfs::tile_configuration;
  //                                      sums            x       w
  const TileConfiguration full = bytes_by_hand({16, 16, 16, 16, 16, 16, 16, 16});
  CHECK(same_bytes(tile_configuration(32), full));
  CHECK(same_bytes(tile_configuration(96), full));
  CHECK(same_bytes(tile_configuration(31), bytes_by_hand({16, 16, 15, 15, 16, 15, 16, 16})));
  CHECK(same_bytes(tile_configuration(17), bytes_by_hand({16, 16, 1, 1, 16, 1, 16, 16})));
  CHECK(same_bytes(tile_configuration(16), bytes_by_hand({16, 16, 0, 0, 16, 0, 16, 16})));
  CHECK(same_bytes(tile_configuration(1), bytes_by_hand({1, 1, 0, 0, 1, 0, 16, 16})));
  CHECK(alignof(TileConfiguration) == 64);
}

TEST_CASE("AMX is asked for once, and not without a CPU that has it", "[isa]") {
  const bool granted = qfs::request_amx();
  CHECK(qfs::request_amx() == granted);
  if (!qfs::cpu_features().amx_int8) CHECK_FALSE(granted);
  CHECK((qfs::fours::amx_here() != nullptr) == granted);
}

TEST_CASE("there is a kernel for each set that this CPU has", "[isa]") {
  const qfs::CpuFeatures cpu = qfs::cpu_features();
  std::vector<std::string> names, expected = {"plain"};
  for (const Kernel* kernel : qfs::fours::kernels_here()) names.emplace_back(kernel->name);
  if (cpu.avx_vnni) expected.emplace_back("avx_vnni");
  if (cpu.avx512_vnni) expected.emplace_back("avx512_vnni");
  if (qfs::request_amx()) expected.emplace_back("amx");
  CHECK(names == expected);
  const Kernel* vnni = qfs::fours::vnni_here();
  REQUIRE((vnni != nullptr) == (cpu.avx_vnni || cpu.avx512_vnni));
  if (vnni != nullptr)
    CHECK(vnni->name == std::string(cpu.avx512_vnni ? "avx512_vnni" : "avx_vnni"));
}

TEST_CASE("every kernel, on every number of rows and blocks, is exact", "[isa]") {
  Rng rng(1201);
  const WideKernels kernels;
  for (const Kernel* kernel : kernels.all())
    for (std::size_t rows = 1; rows <= std::max<std::size_t>(kernel->rows, 30); ++rows)
      for (std::size_t blocks = 1; blocks <= kernel->blocks; ++blocks)
        check_part(*kernel, {.rows = rows, .blocks = blocks, .steps = 1 + rng.below(3)}, rng);
}

TEST_CASE("every kernel keeps to its strides", "[isa]") {
  Rng rng(1202);
  const WideKernels kernels;
  for (const Kernel* kernel : kernels.all())
    for (const std::size_t tiles : Sizes{1, 2, 3})
      for (const std::size_t x_gap : Sizes{0, 1, 7, 64})  // rows that begin anywhere
        for (std::size_t blocks = 1; blocks <= kernel->blocks; ++blocks)
          check_part(*kernel,
                     {.rows = tiles * kernel->rows,
                      .blocks = blocks,
                      .steps = 2,
                      .x_gap = x_gap,
                      .w_gap = tiles - 1,
                      .sums_gap = 5 * (x_gap % 3)},
                     rng);
}

TEST_CASE("rows in runs, wherever these begin", "[isa]") {
  Rng rng(1205);
  const WideKernels kernels;
  for (const Kernel* kernel : kernels.all()) {
    if (kernel->inputs != qfs::fours::kInputs) continue;  // AMX: one run
    for (std::size_t rows = 1; rows <= 15; ++rows)
      for (std::size_t blocks = 1; blocks <= kernel->blocks; ++blocks)
        for (const std::size_t runs : Sizes{2, 3, 5})
          check_part(*kernel,
                     {.rows = rows,
                      .blocks = blocks,
                      .steps = runs * (1 + rng.below(3)),
                      .x_gap = rng.below(9),
                      .runs = runs,
                      .run_gap = rng.below(70)},
                     rng);
  }
}

TEST_CASE("a kernel without lines leaves the start", "[isa]") {
  Rng rng(1203);
  const WideKernels kernels;
  for (const Kernel* kernel : kernels.all())
    check_part(*kernel, {.rows = 1, .blocks = 1, .steps = 0}, rng);
}

#if defined(__x86_64__) && defined(__linux__)
TEST_CASE("four products for four tiles loaded", "[isa]") {
  if (qfs::fours::amx_here() != nullptr) return;  // who counts is the emulator
  WARN("no AMX here: its kernel runs emulated");
  Rng rng(1204);
  const qfs::test::AmxEmulator emulator;
  CHECK_FALSE(qfs::test::amx_configured());
  // 2 times 32 rows x 32 outputs x 3 * 64 inputs: of each 4 sums in and out.
  check_part(qfs::fours::amx(), {.rows = 64, .blocks = 2, .steps = 3}, rng);
  const qfs::test::AmxCounts counts = qfs::test::amx_counts();
  CHECK((counts.configurations == 1 && counts.releases == 1));
  CHECK(counts.products == 2 * 3 * 4);
  CHECK(counts.loads == 2 * (3 * 4 + 4));
  CHECK(counts.stores == 2 * 4);
  CHECK_FALSE(qfs::test::amx_configured());
}
#endif

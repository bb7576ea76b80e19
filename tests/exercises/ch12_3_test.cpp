// Judges exercise 12.3.
#include "3_vnni_kernel.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "12_wider_instructions/fours.hpp"
#include "12_wider_instructions/instructions.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/outcome.hpp"
#include "tests/exercises/speed.hpp"
#include "tests/support/guarded_array.hpp"

const qfs::test::Assertions kAssertions(29 + QFS_SPEED_IS_JUDGED);

namespace {

constexpr std::size_t kOutputs = qfs::fours::kOutputs, kLine = qfs::fours::kLineBytes;
constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

using Inputs = std::vector<std::uint8_t>;
using Weights = std::vector<std::int8_t>;
using Sums = std::array<std::int32_t, kOutputs>;
using qfs::test::Against;

Sums yours(const Inputs& x, const Weights& w, const Sums& start = {}) {
  alignas(64) Sums sums = start;
  exercise::add_block(x.data(), w.data(), x.size() / 4, sums.data());
  return sums;
}

// Lane by lane.
void plain_block(const std::uint8_t* x, const std::int8_t* w, std::size_t lines,
                 std::int32_t* sums) {
  for (std::size_t k = 0; k < lines; ++k)
    for (std::size_t n = 0; n < kOutputs; ++n)
      sums[n] = qfs::vpdpbusd(sums[n], x + 4 * k, w + kLine * k + 4 * n);
}

std::string difference(const Inputs& x, const Weights& w, Sums start = {}) {
  const Sums got = yours(x, w, start);
  plain_block(x.data(), w.data(), x.size() / 4, start.data());
  for (std::size_t n = 0; n < kOutputs; ++n)
    if (got[n] != start[n])
      return "lines = " + std::to_string(x.size() / 4) + ", output " + std::to_string(n) +
             ": got " + std::to_string(got[n]) + ", expected " + std::to_string(start[n]);
  return "";
}

// Bytes of which a third are the lowest, a third the highest.
template <class Byte>
std::vector<Byte> random_bytes(std::size_t count, std::uint64_t seed) {
  qfs::Rng rng(seed);
  std::vector<Byte> bytes(count);
  for (Byte& b : bytes) {
    const auto kind = rng.below(3);
    const auto any = static_cast<Byte>(rng.below(256));
    b = kind == 0   ? std::numeric_limits<Byte>::min()
        : kind == 1 ? std::numeric_limits<Byte>::max()
                    : any;
  }
  return bytes;
}

std::string first_depth_that_differs() {
  for (std::size_t lines = 0; lines <= 200; ++lines) {
    Sums start;
    qfs::Rng rng(lines);
    for (auto& sum : start) sum = static_cast<std::int32_t>(rng.below(1 << 20)) - (1 << 19);
    const auto x = random_bytes<std::uint8_t>(4 * lines, 2 * lines + 1);
    const auto w = random_bytes<std::int8_t>(kLine * lines, 2 * lines + 2);
    if (std::string text = difference(x, w, start); !text.empty()) return text;
  }
  return "";
}

// Empty, or the first product of two bytes that comes out wrong, at place i of the four; beside
// them zeros.
std::string first_product_that_differs(std::size_t i) {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; b += static_cast<int>(kOutputs)) {
      Inputs x(4);
      Weights w(kLine);
      x[i] = static_cast<std::uint8_t>(a);
      for (std::size_t n = 0; n < kOutputs; ++n)
        w[4 * n + i] = static_cast<std::int8_t>(b + static_cast<int>(n) - 128);
      if (std::string text = difference(x, w); !text.empty())
        return "input " + std::to_string(a) + ": " + text;
    }
  return "";
}

// All inputs and all weights alike.
std::string of_equal_bytes(std::uint8_t x, std::int8_t w, std::size_t lines) {
  return difference(Inputs(4 * lines, x), Weights(kLine * lines, w));
}

// The arrays begin at a page that may not be touched, or end at one.
void run_between_pages(std::size_t lines) {
  for (Against side : {Against::first_page, Against::last_page}) {
    const qfs::test::GuardedArray<std::uint8_t> x(4 * lines, side);
    const qfs::test::GuardedArray<std::int8_t> w(kLine * lines, side);
    const qfs::test::GuardedArray<std::int32_t> sums(kOutputs, side);
    exercise::add_block(x.data(), w.data(), lines, sums.data());
    qfs::require(sums.intact(), "numbers beside the sums have changed", "", "", "");
  }
}

}  // namespace

TEST_CASE("12.3 this exercise needs a CPU with AVX2") {
  INFO("this machine's has none: " << qfs::cpu_text());
  REQUIRE(qfs::cpu_features().avx2);
}

TEST_CASE("12.3 on paper: outputs 0 to 15, one line") {
  Weights w;
  for (std::int8_t n = 0; n < 16; ++n)
    w.insert(w.end(), {n, static_cast<std::int8_t>(-n), 1, static_cast<std::int8_t>(2 * n)});
  const Sums sums = yours({10, 1, 100, 2}, w);  // 10 n - n + 100 + 4 n
  CHECK(sums[0] == 100);
  CHECK(sums[1] == 113);
  CHECK(sums[4] == 152);
  CHECK(sums[7] == 191);
  CHECK(sums[8] == 204);
  CHECK(sums[15] == 295);
}

TEST_CASE("12.3 on paper: what 16 bits could not hold") {
  CHECK(yours(Inputs(4, 255), Weights(kLine, 127))[5] == 129540);
  CHECK(yours(Inputs(4, 255), Weights(kLine, -128))[5] == -130560);
  CHECK(yours(Inputs(4, 128), Weights(kLine, -128))[9] == -65536);
}

TEST_CASE("12.3 the product of every two bytes, at each of four places") {
  for (std::size_t i = 0; i < 4; ++i) {
    INFO("place " << i);
    CHECK(first_product_that_differs(i) == "");
  }
}

TEST_CASE("12.3 nothing outside the arrays") {
  for (std::size_t lines : std::vector<std::size_t>{0, 1, 2, 3, 5, 8, 64}) {
    INFO("lines = " << lines);
    CHECK(qfs::test::outcome_of([lines] { run_between_pages(lines); }) == "done");
  }
}

TEST_CASE("12.3 arrays at odd addresses") {
  const Inputs x(4 * 7 + 1, 3);
  const Weights w(kLine * 7 + 1, -2);
  std::vector<std::int32_t> sums(kOutputs + 1, 5);
  const auto run = [&] { exercise::add_block(x.data() + 1, w.data() + 1, 7, sums.data() + 1); };
  REQUIRE(qfs::test::outcome_of(run) == "done");
  run();
  CHECK(std::count(sums.begin() + 1, sums.end(), 5 - 28 * 6) == 16);
}

TEST_CASE("12.3 any number of lines, on top of what the sums hold") {
  CHECK(first_depth_that_differs() == "");
}

TEST_CASE("12.3 long rows of the largest bytes") {
  CHECK(of_equal_bytes(255, -128, 16000) == "");
  CHECK(of_equal_bytes(255, 127, 16000) == "");
}

TEST_CASE("12.3 the sums wrap") {
  Sums start;
  start.fill(kMax);
  CHECK(difference(Inputs(4, 255), Weights(kLine, 127), start) == "");
  start.fill(kMin);
  CHECK(difference(Inputs(4, 255), Weights(kLine, -128), start) == "");
  // More than 32 bits of products alone: 20000 * 130560.
  CHECK(of_equal_bytes(255, -128, 20000) == "");
}

#if QFS_SPEED_IS_JUDGED
namespace qfs::test {
using AddBlock = void(const std::uint8_t*, const std::int8_t*, std::size_t, std::int32_t*);
extern AddBlock* const our_add_block;
}  // namespace qfs::test

TEST_CASE("12.3 fast enough: at least 0.8 x of ours") {
  constexpr std::size_t kBlocks = 7, kLines = 196;
  const auto x = random_bytes<std::uint8_t>(4 * kLines, 1);
  const auto w = random_bytes<std::int8_t>(kBlocks * kLines * kLine, 2);
  std::vector<std::int32_t> sums(kBlocks * kOutputs);
  const auto all_blocks = [&](qfs::test::AddBlock* add) {
    return [&, add] {
      for (std::size_t b = 0; b < kBlocks; ++b)
        add(x.data(), w.data() + b * kLines * kLine, kLines, sums.data() + b * kOutputs);
    };
  };
  CHECK(qfs::test::is_fast_enough({.yours = all_blocks(exercise::add_block),
                                   .plain = all_blocks(plain_block),
                                   .ours = all_blocks(qfs::test::our_add_block),
                                   .products = kBlocks * kLines * kLine}));
}
#endif

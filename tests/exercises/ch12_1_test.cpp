// Judges exercise 12.1.
#include "1_tile_product.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "02_integer_products/dot.hpp"
#include "12_wider_instructions/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(26);

namespace {

using exercise::TileShape;
using Inputs = std::vector<std::uint8_t>;  // M x K
using Weights = std::vector<std::int8_t>;  // N x K
using Sums = std::vector<std::int32_t>;    // M x N

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

// N x K weights as lines: four inputs of every output.
Inputs lines_of(const Weights& w, std::size_t N, std::size_t K) {
  Inputs lines(N * K);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t k = 0; k < K; ++k)
      lines[(k / 4 * N + n) * 4 + k % 4] = static_cast<std::uint8_t>(w[n * K + k]);
  return lines;
}

// Numbers stand beside the sums, which must stay what they are.
Sums yours(TileShape shape, const Inputs& x, const Weights& w, const Sums& start) {
  constexpr std::size_t kBeside = 64;
  Sums sums(start.size() + 2 * kBeside, -77);
  std::ranges::copy(start, sums.begin() + kBeside);
  const Inputs lines = lines_of(w, shape.N, 4 * shape.lines);
  exercise::tile_product(shape, x, lines, std::span(sums).subspan(kBeside, start.size()));
  const auto left = std::count(sums.begin(), sums.begin() + kBeside, -77);
  const auto right = std::count(sums.end() - kBeside, sums.end(), -77);
  if (left != kBeside || right != kBeside) return {};
  return Sums(sums.begin() + kBeside, sums.end() - kBeside);
}

// By chapter 02's loops; what the sums begin with is added by an unsigned addition.
Sums expected(TileShape shape, const Inputs& x, const Weights& w, const Sums& start) {
  Sums sums(start.size());
  qfs::gemm_u8s8s32_ref({shape.M, shape.N, 4 * shape.lines}, x, w, sums);
  for (std::size_t i = 0; i < sums.size(); ++i)
    sums[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[i]) +
                                        static_cast<std::uint32_t>(start[i]));
  return sums;
}

std::string difference(TileShape shape, const Inputs& x, const Weights& w, const Sums& start) {
  const Sums got = yours(shape, x, w, start), wanted = expected(shape, x, w, start);
  const std::string text = "M = " + std::to_string(shape.M) + ", N = " + std::to_string(shape.N) +
                           ", lines = " + std::to_string(shape.lines);
  if (got.size() != wanted.size()) return text + ": numbers beside the sums have changed";
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (got[i] != wanted[i])
      return text + ", row " + std::to_string(i / shape.N) + ", output " +
             std::to_string(i % shape.N) + ": got " + std::to_string(got[i]) + ", expected " +
             std::to_string(wanted[i]);
  return "";
}

// Random bytes and starts of any size: every sum may wrap.
std::string random_difference(TileShape shape) {
  qfs::Rng rng(shape.M * 10000 + shape.N * 100 + shape.lines);
  Inputs x(shape.M * 4 * shape.lines);
  Weights w(shape.N * 4 * shape.lines);
  Sums start(shape.M * shape.N);
  for (auto& byte : x) byte = static_cast<std::uint8_t>(rng.below(256));
  for (auto& byte : w) byte = static_cast<std::int8_t>(static_cast<int>(rng.below(256)) - 128);
  for (auto& sum : start)
    sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(rng.below(1ULL << 32)));
  return difference(shape, x, w, start);
}

std::string first_shape_that_differs(std::size_t rows, std::size_t outputs, std::size_t lines) {
  for (std::size_t M = 1; M <= rows; ++M)
    for (std::size_t N = 1; N <= outputs; ++N)
      for (std::size_t k = 0; k <= lines; ++k)
        if (std::string text = random_difference({M, N, k}); !text.empty()) return text;
  return "";
}

// One row, one output.
std::int32_t sum_of(const Inputs& x, const Weights& w, std::int32_t start = 0) {
  const Sums sums = yours({1, 1, x.size() / 4}, x, w, {start});
  return sums.empty() ? -999 : sums[0];
}

}  // namespace

TEST_CASE("12.1 on paper: two rows, two outputs, two lines") {
  namespace paper = qfs::ch12::paper;
  Inputs x, first;
  Weights w, first_w;
  for (const auto& row : paper::kX) {
    x.insert(x.end(), row.begin(), row.end());
    first.insert(first.end(), row.begin(), row.begin() + 4);
  }
  for (const auto& row : paper::kW) {
    w.insert(w.end(), row.begin(), row.end());
    first_w.insert(first_w.end(), row.begin(), row.begin() + 4);
  }
  CHECK(yours({2, 2, 1}, first, first_w, Sums(4)) == Sums{45270, 400, 281, 5});
  CHECK(yours({2, 2, 2}, x, w, Sums(4)) == Sums{45370, 272, 25781, -32635});
}

TEST_CASE("12.1 on paper: which byte is signed") {
  CHECK(sum_of({255, 0, 0, 0}, {1, 0, 0, 0}) == 255);
  CHECK(sum_of({1, 0, 0, 0}, {-1, 0, 0, 0}) == -1);
  CHECK(sum_of({128, 0, 0, 0}, {-128, 0, 0, 0}) == -16384);
  CHECK(sum_of({255, 255, 255, 255}, {-128, -128, -128, -128}) == -130560);
  CHECK(sum_of({255, 255, 255, 255}, {127, 127, 127, 127}) == 129540);
}

TEST_CASE("12.1 on paper: the order of the fours") {
  CHECK(sum_of({1, 10, 0, 0}, {3, 5, 7, 11}) == 53);
  CHECK(sum_of({0, 0, 1, 10}, {3, 5, 7, 11}) == 117);
  CHECK(sum_of({0, 0, 0, 0, 1, 0, 0, 0}, {3, 0, 0, 0, 5, 0, 0, 0}) == 5);
  // Row 1, output 1 of two lines: inputs 4 and 7 alone.
  CHECK(yours({2, 2, 2}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 3},
              {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 10, 0, 0, 100}, Sums(4)) == Sums{0, 0, 5, 320});
}

TEST_CASE("12.1 the sums go on") {
  CHECK(sum_of({2, 0, 0, 0}, {3, 0, 0, 0}, 100) == 106);
  CHECK(sum_of({2, 0, 0, 0}, {3, 0, 0, 0}, -100) == -94);
  CHECK(yours({1, 3, 0}, {}, {}, {1, -2, 3}) == Sums{1, -2, 3});  // no lines
}

TEST_CASE("12.1 the sums wrap") {
  CHECK(sum_of({1, 0, 0, 0}, {1, 0, 0, 0}, kMax) == kMin);
  CHECK(sum_of({1, 0, 0, 0}, {-1, 0, 0, 0}, kMin) == kMax);
  // Out of the range with the first line, back with the second.
  CHECK(sum_of({1, 0, 0, 0, 3, 0, 0, 0}, {1, 0, 0, 0, -1, 0, 0, 0}, kMax) == kMax - 2);
  CHECK(sum_of({200, 0, 0, 0, 1, 0, 0, 0}, {-100, 0, 0, 0, 7, 0, 0, 0}, kMin) == kMax - 19992);
}

TEST_CASE("12.1 as chapter 02's loops: small tiles") {
  CHECK(first_shape_that_differs(5, 5, 5) == "");
}

TEST_CASE("12.1 as chapter 02's loops: the tile of AMX, and larger ones") {
  for (TileShape shape :
       {TileShape{16, 16, 16}, {1, 16, 16}, {16, 1, 16}, {17, 33, 20}, {3, 20, 49}}) {
    INFO("M = " << shape.M << ", N = " << shape.N << ", lines = " << shape.lines);
    CHECK(random_difference(shape) == "");
  }
}

TEST_CASE("12.1 as chapter 02's loops: the largest sums") {
  const TileShape shape{2, 3, 4000};
  const std::size_t K = 16000;
  CHECK(difference(shape, Inputs(2 * K, 255), Weights(3 * K, -128), Sums(6, 0)) == "");
  CHECK(difference(shape, Inputs(2 * K, 255), Weights(3 * K, 127), Sums(6, 0)) == "");
}

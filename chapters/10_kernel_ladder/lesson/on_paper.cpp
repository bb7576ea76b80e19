// Section 1: two pairs of products, added in 32 bits and in 16, and by the instructions themselves.
#include <algorithm>
#include <cstdio>

#include "10_kernel_ladder/lesson/paper_example.hpp"
#include "10_kernel_ladder/lesson/study.hpp"
#include "common/cpu.hpp"
#include "common/print.hpp"

namespace qfs::ch10 {
namespace {

struct Sums {
  std::array<std::int32_t, 2> pairs;
  std::int32_t sum;
  friend bool operator==(const Sums&, const Sums&) = default;
};

using Inputs = std::array<std::uint8_t, 4>;

Sums exact(const Inputs& x) {
  const auto pair = [&](std::size_t k) {
    return x[k] * paper::kW[k] + x[k + 1] * paper::kW[k + 1];
  };
  return {{pair(0), pair(2)}, pair(0) + pair(2)};
}

Sums in_16_bits(const Inputs& x) {
  const auto pair = [&](std::size_t k) {
    return add_pair(x[k], paper::kW[k], x[k + 1], paper::kW[k + 1]);
  };
  return {{pair(0), pair(2)}, dot_saturating(x, paper::kW)};
}

// The sum as a rung computes it: the four products stand at the beginning of a row of 32, all
// others are 0, so that every rung reaches for its widest instruction.
std::int32_t by_rung(const ladder::Rung& rung, const Inputs& x) {
  auto row = make_tensor<std::uint8_t>({1, 32});
  auto weights = make_tensor<std::int8_t>({1, 32});
  auto acc = make_tensor<std::int32_t>({1, 1});
  std::ranges::copy(x, row.begin());
  std::ranges::copy(paper::kW, weights.begin());
  LadderWeights(rung, weights).run(row, acc);
  return acc(0, 0);
}

// Every rung gives one of the two sums, the one that its row of the table says.
bool rungs_agree(const Inputs& x) {
  return std::ranges::all_of(ladder_rungs(), [&](const ladder::Rung& rung) {
    return by_rung(rung, x) == (rung.adds_in_16_bits ? in_16_bits(x) : exact(x)).sum;
  });
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Two pairs of products on paper, in 32 bits and in 16");
  std::printf("  w = %s\n", list_text(std::span<const std::int8_t>(paper::kW)).c_str());
  Table table({"inputs", "pairs are added", "pair 0", "pair 1", "sum"});
  for (const Inputs& x : {paper::kX, paper::kX7})
    for (const auto& [name, sums] :
         {std::pair("in 32 bits", exact(x)), {"in 16 bits", in_16_bits(x)}})
      table.row({list_text(std::span<const std::uint8_t>(x)), name, std::to_string(sums.pairs[0]),
                 std::to_string(sums.pairs[1]), std::to_string(sums.sum)});
  table.print();
  lesson.claims.expect(
      exact(paper::kX) == Sums{paper::kPairs, paper::kSum} &&
          in_16_bits(paper::kX) == Sums{paper::kPairsIn16Bits, paper::kSumIn16Bits} &&
          exact(paper::kX7) == Sums{paper::kPairs7, paper::kSum7} &&
          in_16_bits(paper::kX7) == Sums{paper::kPairs7, paper::kSum7},
      "by hand = this program");
  if (cpu_features().avx2)
    lesson.claims.expect(rungs_agree(paper::kX) && rungs_agree(paper::kX7),
                         "= the instructions: vpmaddwd in 32 bits, vpmaddubsw in 16", "avx2");
}

}  // namespace qfs::ch10

// Section 1: four products to a lane, and a tile of them.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "12_wider_instructions/instructions.hpp"
#include "12_wider_instructions/lesson/paper_example.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch12 {
namespace {

using Sums = std::array<std::array<std::int32_t, 2>, 2>;

// Lane by lane, the sums after `steps` steps of four inputs.
Sums by_lanes(std::size_t steps) {
  Sums sums{};
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 2; ++n)
      for (std::size_t s = 0; s < steps; ++s)
        sums[m][n] = vpdpbusd(sums[m][n], &paper::kX[m][4 * s], &paper::kW[n][4 * s]);
  return sums;
}

// Both steps at once: two rows of eight bytes, two lines of two outputs.
Sums by_tile() {
  TileRegister x{2, 8}, w{2, 8}, sums{2, 8};
  for (std::size_t m = 0; m < 2; ++m) std::ranges::copy(paper::kX[m], x.bytes[m].begin());
  for (std::size_t line = 0; line < 2; ++line)
    for (std::size_t n = 0; n < 2; ++n)
      std::memcpy(&w.bytes[line][4 * n], &paper::kW[n][4 * line], 4);
  tdpbusd(sums, x, w);
  Sums result{};
  for (std::size_t m = 0; m < 2; ++m) std::memcpy(result[m].data(), sums.bytes[m].data(), 8);
  return result;
}

bool kernels_agree() {
  auto x = make_tensor<std::uint8_t>({2, 8});
  auto w = make_tensor<std::int8_t>({2, 8});
  for (std::size_t i = 0; i < 2; ++i) {
    std::ranges::copy(paper::kX[i], row(x, i).begin());
    std::ranges::copy(paper::kW[i], row(w, i).begin());
  }
  const PackedFours packed = pack_fours(w);
  return std::ranges::all_of(fours::kernels_here(), [&](const fours::Kernel* kernel) {
    const Matrix<std::int32_t> sums = product_of(*kernel, packed, x);
    for (std::size_t m = 0; m < 2; ++m)
      if (!std::ranges::equal(row(sums, m), paper::kSums[m])) return false;
    return true;
  });
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Two rows, two outputs, eight inputs on paper: two steps of four");
  const Sums first = by_lanes(1), both = by_lanes(2);
  Table table({"row", "x", "output", "w", "4 inputs", "8 inputs"});
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 2; ++n)
      table.row({std::to_string(m), list_text(std::span<const std::uint8_t>(paper::kX[m])),
                 std::to_string(n), list_text(std::span<const std::int8_t>(paper::kW[n])),
                 std::to_string(first[m][n]), std::to_string(both[m][n])});
  table.print();
  lesson.claims.expect(first == paper::kFirstStep && both == paper::kSums,
                       "by hand = this program, lane by lane");
  lesson.claims.expect(by_tile() == paper::kSums, "= one product of tiles");
  lesson.claims.expect(kernels_agree(), "= every kernel that this CPU has");
}

}  // namespace qfs::ch12

// Section 3: one row by the path of its own, and up to how many rows it pays.
#include <array>
#include <cstdio>
#include <functional>

#include "11_avx2_kernel/packed_panels.hpp"
#include "13_int8_engine/fast_backends.hpp"
#include "13_int8_engine/gemv_weights.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch13 {
#if defined(__x86_64__)
namespace {

constexpr std::array<std::size_t, 7> kRows = {1, 2, 4, 6, 8, 16, 32};

void print_line(const char* name, std::size_t K, double seconds,
                const std::function<void(const LeftSide&)>& product) {
  std::printf("  [avx2]  %-20s", name);
  for (std::size_t rows : kRows) {
    const auto x = make_tensor<std::uint8_t>({rows, K}, std::uint8_t{100});
    const LeftSide left = matrix_left_side(values(x), rows);
    std::printf("  %6s",
                measured(median_microseconds([&] { product(left); }, 5, seconds), 2).c_str());
  }
  std::printf("\n");
}

}  // namespace
#endif

void few_rows([[maybe_unused]] const Study& study, [[maybe_unused]] Lesson& lesson) {
  section(3, "Layer 1 for a few rows, AVX2, microseconds");
  std::printf(
      "  needs   rows                       1       2       4       6       8      16      32\n");
  std::printf(
      "  ------  --------------------  ------  ------  ------  ------  ------  ------  ------\n");
#if defined(__x86_64__)
  if (!can_run_avx2()) return;
  const double seconds = lesson.options.quick ? 0.0 : 0.05;
  const Matrix<std::int8_t>& w = study.fused().weights[0].weight.q;
  const PackedPanels panels = pack_panels(w, 255);
  const GemvWeights gemv = pack_gemv(w, 255);
  BlockOfRows block;
  std::vector<std::int32_t> start(gemv.padded_outputs()), sums(gemv.padded_outputs());
  print_line("panels (11)", gemv.K, seconds, [&](const LeftSide& x) {
    multiply_panels(avx2_kernel(), panels, x, {}, block, [](const SumTile&) {});
  });
  print_line("one row at a time", gemv.K, seconds, [&](const LeftSide& x) {
    for (std::size_t m = 0; m < x.rows; ++m)
      gemv::multiply_avx2(gemv.view(), static_cast<const std::uint8_t*>(x.source) + m * x.depth,
                          start.data(), sums.data());
  });
  std::printf(
      "  [avx2]  %zu weights stand in remainders; below %zu rows the engine goes row by row\n",
      gemv.remainders.size(), kFewRowsAvx2);
#endif
}

}  // namespace qfs::ch13

// Section 4: below how many rows another kernel is faster.
#include <array>
#include <cstdio>
#include <vector>

#include "11_avx2_kernel/packed_panels.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch12 {
namespace {

constexpr std::array<std::size_t, 7> kRows = {1, 2, 4, 6, 8, 16, 32};

template <class Product>
void print_line(const char* set, const char* name, std::size_t inputs, Product&& product,
                const Lesson& lesson) {
  std::printf("  %-13s  %-19s", set, name);
  for (std::size_t rows : kRows) {
    auto x = make_tensor<std::uint8_t>({rows, inputs}, std::uint8_t{100});
    const LeftSide left = matrix_left_side(values(x), rows);
    const double time =
        median_microseconds([&] { product(left); }, 5, lesson.options.quick ? 0.0 : 0.05);
    std::printf("  %6s", measured(time, 1).c_str());
  }
  std::printf("\n");
}

}  // namespace

void how_many_rows(const Study& study, Lesson& lesson) {
  section(4, "Layer 1 for a few rows, microseconds");
  const QuantizedNet net = quantized(study, WeightGranularity::per_tensor);
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  std::printf("  needs          rows                ");
  for (std::size_t rows : kRows) std::printf("  %6zu", rows);
  std::printf("\n  -------------  -------------------");
  for (std::size_t i = 0; i < kRows.size(); ++i) std::printf("  ------");
  std::printf("\n");
  if (has_avx2_kernel()) {
    const PackedPanels panels = pack_panels(w, 255);
    BlockOfRows block;
    print_line(
        "[avx2]", "chapter 11's panels", w.shape(1),
        [&](const LeftSide& x) {
          multiply_panels(avx2_kernel(), panels, x, {}, block, [](const SumTile&) {});
        },
        lesson);
  }
  const PackedFours packed = pack_fours(w);
  for (const fours::Kernel* kernel : fours::kernels_here()) {
    if (kernel == &fours::plain()) continue;
    BlockOfSums block;
    const std::string set = "[" + std::string(kernel->name) + "]";
    print_line(
        set.c_str(), kernel->name, w.shape(1),
        [&](const LeftSide& x) {
          multiply_fours(*kernel, packed, x, {}, block, [](const SumRows&) {});
        },
        lesson);
  }
}

}  // namespace qfs::ch12

// Section 3: what the bounds bring on AVX2.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "14_training_for_the_kernel/lesson/study.hpp"
#include "14_training_for_the_kernel/throughout.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch14 {
namespace {

constexpr std::array<std::size_t, 2> kRows = {64, 1000};

struct Line {
  std::string products, kernel;
  double zeros, met;  // percent of the weights; products of a lane before it is widened
  std::function<void(std::size_t i)> product;
  std::array<std::vector<double>, kRows.size()> microseconds{};
};

Line line_of(const Study& study, std::size_t which, const panel::Kernel& kernel, const char* name,
             bool& exact) {
  const QuantizedNet& net = study.trained[which].front().net;
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  const auto panels = std::make_shared<PackedPanels>(pack_panels(w, kXMax));
  const auto rows = std::make_shared<BlockOfRows>();
  const auto x =
      std::make_shared<Matrix<std::uint8_t>>(layer_1_inputs(study.data.test, net, kRows.back()));
  const auto acc =
      std::make_shared<Matrix<std::int32_t>>(make_tensor<std::int32_t>({kRows.back(), w.shape(0)}));
  exact = exact && product_of(kernel, *panels, *x) == exact_product(w, *x);
  const double met =
      &kernel == &avx2_kernel()
          ? panels->proof.products_per_lane()
          : 2.0 * static_cast<double>(panels->proof.steps) /  // an output is widened once a block
                static_cast<double>(panels->output.size());
  const auto zeros = static_cast<double>(std::ranges::count(values(w), 0));
  return {text_of(kProducts[which]), name, zeros / static_cast<double>(w.size()) * 100.0, met,
          [=, &kernel](std::size_t i) {
            const auto some = values(*x).first(kRows[i] * panels->K);
            multiply_panels(kernel, *panels, matrix_left_side(some, kRows[i]), *rows,
                            values(*acc).first(kRows[i] * panels->N));
          }};
}

}  // namespace

void speed(const Study& study, Lesson& lesson) {
  section(3, "Layer 1 of these nets, GMAC/s");
  std::printf(
      "  needs   products a lane  kernel               zeros, %%     met  64 rows  1000 rows\n");
  std::printf(
      "  ------  ---------------  ------------------  --------  ------  -------  ---------\n");
  if (!has_avx2_kernel()) return;
  std::vector<Line> lines;
  bool exact = true;
  for (std::size_t i = 0; i < kProducts.size(); ++i)
    lines.push_back(line_of(study, i, avx2_kernel(), "panels (11)", exact));
  lines.push_back(
      line_of(study, kProducts.size() - 1, avx2_throughout_kernel(), "16 bits throughout", exact));
  for (int round = 0; round < (lesson.options.quick ? 1 : 9); ++round)
    for (Line& line : lines)
      for (std::size_t i = 0; i < kRows.size(); ++i)
        line.microseconds[i].push_back(
            median_microseconds([&] { line.product(i); }, 3, lesson.options.quick ? 0.0 : 0.01));
  for (const Line& line : lines) {
    std::printf("  [avx2]  %-15s  %-18s  %8s  %6s", line.products.c_str(), line.kernel.c_str(),
                measured(line.zeros, 1).c_str(), measured(line.met, 1).c_str());
    for (std::size_t i = 0; i < kRows.size(); ++i) {
      const double gmacs = static_cast<double>(kRows[i]) * 78.4 / median(line.microseconds[i]);
      std::printf("  %*s", i == 0 ? 7 : 9, measured(gmacs, 1).c_str());
      lesson.report.figure(line.products + ", " + line.kernel + "_gmacs", gmacs);
    }
    std::printf("\n");
  }
  lesson.claims.expect(exact, "every sum is right", "avx2");
}

}  // namespace qfs::ch14

// Section 5: layer 1 by this kernel, by the last rung of chapter 10 and by OpenBLAS in float.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "10_kernel_ladder/ladder.hpp"
#include "11_avx2_kernel/lesson/study.hpp"
#include "common/matmul_f32.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch11 {
namespace {

constexpr std::array<std::size_t, 3> kRows = {1, 64, 1000};

struct Line {
  std::string set, name, weights;
  std::function<void(std::size_t i)> product;  // with kRows[i] rows
  std::array<std::vector<double>, kRows.size()> microseconds{};
};

template <class T>
std::vector<Matrix<T>> first_rows(const Matrix<std::uint8_t>& x) {
  std::vector<Matrix<T>> some;
  for (std::size_t rows : kRows) {
    some.push_back(make_tensor<T>({rows, x.shape(1)}));
    std::copy_n(x.begin(), some.back().size(), some.back().begin());
  }
  return some;
}

template <class T>
std::vector<Matrix<T>> room_for(std::size_t outputs) {
  std::vector<Matrix<T>> room;
  for (std::size_t rows : kRows) room.push_back(make_tensor<T>({rows, outputs}));
  return room;
}

Line float_line(const Matrix<std::uint8_t>& x, const Matrix<std::int8_t>& w) {
  auto w_f32 = std::make_shared<Matrix<float>>(make_tensor<float>({w.shape(0), w.shape(1)}));
  std::ranges::copy(values(w), values(*w_f32).begin());
  auto in = std::make_shared<std::vector<Matrix<float>>>(first_rows<float>(x));
  auto out = std::make_shared<std::vector<Matrix<float>>>(room_for<float>(w.shape(0)));
  return {"", "OpenBLAS, float", "", [=](std::size_t i) {
            matmul_blas((*in)[i], Transpose::no, *w_f32, Transpose::yes, (*out)[i]);
          }};
}

Line tiles_line(const Matrix<std::uint8_t>& x, const Matrix<std::int8_t>& w) {
  auto weights = std::make_shared<LadderWeights>(ladder_rungs().back(), w);
  auto in = std::make_shared<std::vector<Matrix<std::uint8_t>>>(first_rows<std::uint8_t>(x));
  auto out =
      std::make_shared<std::vector<Matrix<std::int32_t>>>(room_for<std::int32_t>(w.shape(0)));
  return {"[avx2]", "4 x 16 tiles, 0..127", "per tensor",
          [=](std::size_t i) { weights->run((*in)[i], (*out)[i]); }};
}

Line panels_line(const Study& study, int bits, WeightGranularity granularity, bool& exact) {
  const QuantizedNet net = quantized(study, bits, granularity);
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, kRows.back());
  const QuantizedWeight& weight = net.weights[0].weight;
  auto packed = std::make_shared<PackedProduct>(
      avx2_backend().pack({.weight = &weight, .input_range = unsigned_range(bits)}));
  auto in = std::make_shared<std::vector<Matrix<std::uint8_t>>>(first_rows<std::uint8_t>(x));
  auto out =
      std::make_shared<std::vector<Matrix<std::int32_t>>>(room_for<std::int32_t>(weight.outputs()));
  const auto product = [=](std::size_t i) {
    avx2_backend().run_s32(*packed, matrix_left_side(values((*in)[i]), kRows[i]),
                           values((*out)[i]));
  };
  product(kRows.size() - 1);
  exact = exact && out->back() == exact_product(weight.q, x);
  return {"[avx2]", bits == 7 ? "panels, 0..127" : "panels, 0..255", granularity_text(granularity),
          product};
}

// Everything in turn, round after round: a burst of other work meets all lines, and no median.
void time_in_turn(std::vector<Line>& lines, int rounds, double seconds) {
  for (int round = 0; round < rounds; ++round)
    for (Line& line : lines)
      for (std::size_t i = 0; i < kRows.size(); ++i)
        line.microseconds[i].push_back(median_microseconds([&] { line.product(i); }, 3, seconds));
}

void print(const std::vector<Line>& lines, double products_of_row, Lesson& lesson) {
  std::printf("  needs   product               weights            1 row    64 rows  1000 rows\n");
  std::printf("  ------  --------------------  -----------  ---------  ---------  ---------\n");
  std::vector<std::vector<double>> csv;
  for (const Line& line : lines) {
    std::printf("  %-6s  %-20s  %-11s", line.set.c_str(), line.name.c_str(), line.weights.c_str());
    csv.emplace_back();
    for (std::size_t i = 0; i < kRows.size(); ++i) {
      csv.back().push_back(products_of_row * static_cast<double>(kRows[i]) /
                           median(line.microseconds[i]) / 1e3);
      std::printf("  %9s", measured(csv.back().back(), 1).c_str());
    }
    std::printf("\n");
    lesson.report.figure(line.name + ", " + line.weights + "_gmacs", csv.back()[1]);
  }
  lesson.report.csv("speed", {"rows_1", "rows_64", "rows_1000"}, csv);
}

}  // namespace

void speed(const Study& study, Lesson& lesson) {
  section(5, "Layer 1, N = 100, K = 784, GMAC/s");
  const QuantizedNet net = quantized(study, 7, WeightGranularity::per_tensor);
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, kRows.back());
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  std::vector<Line> lines = {float_line(x, w)};
  bool exact = true;
  if (has_avx2_kernel()) {
    lines.push_back(tiles_line(x, w));
    for (int bits : {7, 8})
      for (WeightGranularity granularity :
           {WeightGranularity::per_tensor, WeightGranularity::per_channel})
        lines.push_back(panels_line(study, bits, granularity, exact));
  }
  time_in_turn(lines, lesson.options.quick ? 1 : 9, lesson.options.quick ? 0.0 : 0.01);
  print(lines, static_cast<double>(w.size()), lesson);
  if (has_avx2_kernel())
    lesson.claims.expect(exact, "every sum of the panels is right, 400 000", "avx2");
}

}  // namespace qfs::ch11

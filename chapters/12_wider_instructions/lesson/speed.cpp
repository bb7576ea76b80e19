// Section 3: layer 1 and a square product by everything that this CPU has.
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "11_avx2_kernel/avx2_backend.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch12 {
namespace {

struct Shape {
  std::size_t M, K, N;
};
constexpr std::array<Shape, 4> kShapes = {
    {{1, 784, 100}, {64, 784, 100}, {1000, 784, 100}, {256, 256, 256}}};

struct Operands {
  Matrix<std::uint8_t> x;
  Matrix<std::int8_t> w;
  Matrix<std::int32_t> exact;
};

// Layer 1 with digits; any bytes where there is no layer of that shape.
Operands operands_for(const Study& study, Shape shape) {
  const QuantizedNet net = quantized(study, WeightGranularity::per_channel);
  const QuantizedWeight& layer_1 = net.weights[0].weight;
  Operands operands;
  if (shape.N == layer_1.outputs() && shape.K == layer_1.inputs()) {
    operands.x = layer_1_inputs(study.data.test, net, shape.M);
    operands.w = layer_1.q;
  } else {
    Rng rng(1);
    operands.x = make_tensor<std::uint8_t>({shape.M, shape.K});
    operands.w = make_tensor<std::int8_t>({shape.N, shape.K});
    for (std::uint8_t& x : operands.x) x = static_cast<std::uint8_t>(rng.below(256));
    for (std::int8_t& w : operands.w)
      w = static_cast<std::int8_t>(static_cast<int>(rng.below(255)) - 127);
  }
  operands.exact = exact_product(operands.w, operands.x);
  return operands;
}

struct Line {
  std::string set, name;
  std::array<std::function<void()>, kShapes.size()> product{};
  std::array<std::vector<double>, kShapes.size()> microseconds{};
};

Line kernel_line(const fours::Kernel& kernel, const std::vector<Operands>& all, bool& exact) {
  Line line{"[" + std::string(kernel.name) + "]", kernel.name, {}, {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto packed = std::make_shared<PackedFours>(pack_fours(all[i].w));
    const auto block = std::make_shared<BlockOfSums>();
    const Matrix<std::uint8_t>* x = &all[i].x;
    exact = exact && product_of(kernel, *packed, *x) == all[i].exact;
    line.product[i] = [=, &kernel] {
      multiply_fours(kernel, *packed, matrix_left_side(values(*x), x->shape(0)), {}, *block,
                     [](const SumRows&) {});
    };
  }
  return line;
}

Line panels_line(const std::vector<Operands>& all, bool& exact) {
  Line line{"[avx2]", "chapter 11's panels", {}, {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto packed = std::make_shared<PackedPanels>(pack_panels(all[i].w, 255));
    const auto block = std::make_shared<BlockOfRows>();
    const auto acc = std::make_shared<Matrix<std::int32_t>>(
        make_tensor<std::int32_t>({all[i].x.shape(0), all[i].w.shape(0)}));
    const Matrix<std::uint8_t>* x = &all[i].x;
    line.product[i] = [=] {
      multiply_panels(avx2_kernel(), *packed, matrix_left_side(values(*x), x->shape(0)), *block,
                      values(*acc));
    };
    line.product[i]();
    exact = exact && *acc == all[i].exact;
  }
  return line;
}

// Everything in turn, round after round: a burst of other work meets all lines, and no median.
void time_in_turn(std::vector<Line>& lines, int rounds, double seconds) {
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < kShapes.size(); ++i)
      for (Line& line : lines)
        line.microseconds[i].push_back(median_microseconds(line.product[i], 3, seconds));
}

void print(const std::vector<Line>& lines, Lesson& lesson) {
  std::printf(
      "  needs          product              1 x 784 x 100  64 x 784 x 100  1000 x 784 x 100  256 "
      "cubed\n");
  std::printf(
      "  -------------  -------------------  -------------  --------------  ----------------  "
      "---------\n");
  constexpr std::array<int, 4> kWidths = {13, 14, 16, 9};
  for (const Line& line : lines) {
    std::printf("  %-13s  %-19s", line.set.c_str(), line.name.c_str());
    for (std::size_t i = 0; i < kShapes.size(); ++i) {
      const double products = static_cast<double>(kShapes[i].M * kShapes[i].K * kShapes[i].N);
      const double gmacs = products / median(line.microseconds[i]) / 1e3;
      std::printf("  %*s", kWidths[i], measured(gmacs, 0).c_str());
      lesson.report.figure(line.name + "_" + std::to_string(kShapes[i].M) + "_gmacs", gmacs);
    }
    std::printf("\n");
  }
}

}  // namespace

void speed(const Study& study, Lesson& lesson) {
  section(3, "Full bytes, one scale per output, GMAC/s");
  std::vector<Operands> all;
  for (const Shape& shape : kShapes) all.push_back(operands_for(study, shape));
  std::vector<Line> lines;
  bool exact = true;
  if (has_avx2_kernel()) lines.push_back(panels_line(all, exact));
  for (const fours::Kernel* kernel : fours::kernels_here())
    if (kernel != &fours::plain()) lines.push_back(kernel_line(*kernel, all, exact));
  time_in_turn(lines, lesson.options.quick ? 1 : 9, lesson.options.quick ? 0.0 : 0.01);
  print(lines, lesson);
  lesson.claims.expect(exact, "every one gives the sums of chapter 02's loops");
}

}  // namespace qfs::ch12

// Section 5: 4096 x 4096 weights, which no second-level cache holds, by the number of rows.
#include <algorithm>
#include <array>
#include <cstdio>

#include "13_int8_engine/fast_backends.hpp"
#include "13_int8_engine/gemv_weights.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "17_int4_weights/lesson/timing.hpp"
#include "common/matmul_f32.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

constexpr std::array<std::size_t, 6> kRows = {1, 2, 4, 8, 16, 64};

// Weights in the shape of a bell, as a trained net's are.
Matrix<float> bells(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  auto w = make_tensor<float>({size, size});
  for (float& value : values(w)) value = static_cast<float>(0.02 * rng.normal());
  return w;
}

// All that is timed: the same weights in three forms, inputs for the most rows, room for sums.
struct Operands {
  Matrix<float> w;
  std::vector<Matrix<float>> x_f32{}, y_f32{};
  std::vector<std::uint8_t> x{};
  std::vector<std::int32_t> sums{};
  std::vector<float> y{}, bias{};
  InputChunks chunks{};
};

std::shared_ptr<Operands> make_operands(std::size_t size, std::uint64_t seed) {
  auto of = std::make_shared<Operands>(Operands{.w = bells(size, seed)});
  Rng rng(seed + 1);
  of->x.resize(kRows.back() * size);
  for (std::uint8_t& q : of->x) q = static_cast<std::uint8_t>(rng.below(256));
  for (std::size_t rows : kRows) {
    of->x_f32.push_back(make_tensor<float>({rows, size}, 0.5F));
    of->y_f32.push_back(make_tensor<float>({rows, size}));
  }
  of->sums.resize(of->x.size());
  of->y.resize(of->x.size());
  of->bias.resize(size);
  return of;
}

Line float_line(const std::shared_ptr<Operands>& of) {
  return {"", "float, OpenBLAS", "float", [=](std::size_t i) {
            matmul_blas(of->x_f32[i], Transpose::no, of->w, Transpose::yes, of->y_f32[i]);
          }};
}

QuantizedWeight in_8_bits(const Operands& of) {
  return quantize_weight(of.w, WeightGranularity::per_channel);
}

// Chapter 13's product by one backend.
Line int8_line(const std::shared_ptr<Operands>& of, const Backend& backend) {
  const std::size_t size = of->w.shape(0);
  const QuantizedWeight w = in_8_bits(*of);
  const auto packed = std::make_shared<PackedProduct>(
      backend.pack({.weight = &w, .input_range = unsigned_range(8)}));
  const std::string name(backend.name);
  return {"[" + name + "]", "int8, " + name + " (13)", name, [=, &backend](std::size_t i) {
            const auto x = std::span<const std::uint8_t>(of->x).first(kRows[i] * size);
            backend.run_s32(*packed, matrix_left_side(x, kRows[i]),
                            std::span(of->sums).first(kRows[i] * size));
          }};
}

// Its path for few rows, for all of them: packed in no time, where panels take seconds of proofs.
Line row_by_row_line(const std::shared_ptr<Operands>& of) {
  const std::size_t size = of->w.shape(0);
  const auto packed = std::make_shared<GemvWeights>(pack_gemv(in_8_bits(*of).q, 255));
  const auto start = std::make_shared<std::vector<std::int32_t>>(packed->padded_outputs());
  return {"[avx2]", "int8, row by row (13)", "gemv", [=](std::size_t i) {
            for (std::size_t m = 0; m < kRows[i]; ++m)
              gemv::multiply_avx2(packed->view(), of->x.data() + m * size, start->data(),
                                  of->sums.data() + m * size);
          }};
}

Line int4_line(const std::shared_ptr<Operands>& of, std::size_t group) {
  const std::size_t size = of->w.shape(0);
  const auto packed = std::make_shared<PackedInt4>(
      pack_int4(quantize_groups(of->w, 4, {GranularityKind::per_group, 0, group})));
  return {"[avx2]", "int4, groups of " + std::to_string(group), "int4_" + std::to_string(group),
          [=](std::size_t i) {
            const auto x = std::span<const std::uint8_t>(of->x).first(kRows[i] * size);
            group_linear(u8s4::multiply_avx2, *packed, x, {0.01F, 128}, of->bias, of->chunks,
                         std::span(of->y).first(kRows[i] * size));
          }};
}

// 10^9 products a second, a column a line.
void write_csv(const std::vector<Line>& lines, std::size_t size, Lesson& lesson) {
  std::vector<std::string> header = {"rows"};
  std::vector<std::vector<double>> csv;
  for (std::size_t rows : kRows) csv.push_back({static_cast<double>(rows)});
  for (const Line& line : lines) {
    header.push_back(line.id);
    lesson.report.figure(line.id + "_1_row_us", median(line.microseconds.front()));
    for (std::size_t i = 0; i < kRows.size(); ++i)
      csv[i].push_back(static_cast<double>(kRows[i] * size * size) / median(line.microseconds[i]) /
                       1e3);
  }
  lesson.report.csv("speed", header, csv);
}

}  // namespace

void speed(const std::string& tables, bool full, Lesson& lesson) {
  const std::size_t size = lesson.options.quick ? 256 : 4096;
  section(5, std::to_string(size) + " x " + std::to_string(size) + " weights, one thread, GMAC/s");
  const auto of = make_operands(size, lesson.options.seed);
  std::vector<Line> lines = {float_line(of)};
#if defined(__x86_64__)
  if (can_run_vnni()) lines.push_back(int8_line(of, fast_vnni_backend()));
  if (can_run_avx2()) {
    if (full) lines.push_back(int8_line(of, fast_avx2_backend()));
    lines.push_back(row_by_row_line(of));
    for (std::size_t group : {128U, 32U}) lines.push_back(int4_line(of, group));
  }
#endif
  time_in_turn(lines, kRows.size(), lesson.options.quick ? 1 : full ? 9 : 5, 0.0);
  print_lines(lines, kRows, [&](double microseconds, std::size_t i) {
    return static_cast<double>(kRows[i] * size * size) / microseconds / 1e3;
  });
  write_csv(lines, size, lesson);
  write_measured_table(tables, "speed", table_of(lines, kRows, 0),
                       std::to_string(size) + " x " + std::to_string(size) +
                           " weights, one thread; medians, all lines in turn.");
}

}  // namespace qfs::ch17

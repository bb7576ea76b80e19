#include "02_integer_products/experiments.hpp"

#include <cstdio>

#include "02_integer_products/disagreement.hpp"
#include "common/print.hpp"

namespace qfs {

void show_accumulator_bound(Lesson& lesson) {
  section(7, "How long a sum may be in 32 bits");
  Table table({"q_x", "q_w", "largest product", "largest K"});
  const auto add = [&](const char* x_name, QuantRange x, const char* w_name, QuantRange w) {
    table.row({x_name, w_name, std::to_string(largest_magnitude(x) * largest_magnitude(w)),
               std::to_string(max_depth(x, w))});
  };
  add("0..255", unsigned_range(8), "-128..127", signed_range(8));
  add("0..127", unsigned_range(7), "-127..127", narrow_range(8));
  add("0..255", unsigned_range(8), "0..255", unsigned_range(8));
  add("0..15", unsigned_range(4), "-8..7", signed_range(4));
  table.print();
  constexpr int kTwoProducts = 2 * 255 * 127;
  std::printf("  in 16 bits two are too many: 255 * 127 + 255 * 127 = %d would be kept as %d\n",
              kTwoProducts, static_cast<std::int16_t>(kTwoProducts));
  lesson.claims.expect_equal(max_depth(unsigned_range(8), signed_range(8)), 65793,
                             "u8 by s8: 65793 products fit, whatever they are");
}

void show_disagreements(Lesson& lesson) {
  section(5, "How often the three rules disagree: 100 000 random sums a row");
  Table table(
      {"multiplier", "gemmlowp != fixed", "half up != fixed", "fixed != float", "by at most"});
  bool pinned = true;
  for (const DisagreementRow& row : kDisagreementRows) {
    const Disagreements c = count_disagreements(lesson.options.seed, row.low, row.high, kDraws);
    const std::string name =
        row.low == row.high ? "2^-8" : general(row.low, 4) + " to " + general(row.high, 4);
    table.row({name, std::to_string(c.gemmlowp_fixed), std::to_string(c.half_up_fixed),
               std::to_string(c.fixed_float), std::to_string(c.largest)});
    pinned = pinned && c == row.counts;
    lesson.report.figure("gemmlowp != fixed at " + name, c.gemmlowp_fixed);
  }
  table.print();
  if (lesson.options.seed == 1)
    lesson.claims.expect(pinned, "these are the counts that a test pins");
  const FixedPointMultiplier m = to_fixed_point(0.0014402704);
  const auto high = saturating_rounding_doubling_high_mul(7984, m.mantissa);
  std::printf(
      "  7984 * 0.0014402704 = %.6f; gemmlowp: rounded to %d, %d / 2^%d = %g, rounded to %d\n",
      7984 * 0.0014402704, high, high, m.shift, high / 512.0,
      rounding_divide_by_pot(high, m.shift));
  lesson.claims.expect(requantize_gemmlowp(7984, m, 0, signed_range(8)) == 12 &&
                           requantize_fixed(7984, m, 0, signed_range(8)) == 11 &&
                           requantize_float(7984, 0.0014402704F, 0, signed_range(8)) == 11,
                       "rounded twice it becomes 12, rounded once 11");
}

void show_onnx_vectors(Lesson& lesson) {
  section(8, "Two vectors of the ONNX standard");
  const Matrix<std::uint8_t> a = {{11, 7, 3}, {10, 6, 2}, {9, 5, 1}, {8, 4, 0}};
  const Matrix<std::uint8_t> b = {{1, 2, 3}, {4, 5, 6}};  // ONNX's 3 x 2, as one row per output
  const Matrix<std::int32_t> golden = {{-38, -83}, {-44, -98}, {-50, -113}, {-56, -128}};
  const Matrix<std::int32_t> product = product_by_definition(a, 12, b, 0);
  print_matrix("MatMulInteger", product);
  lesson.claims.expect(product == golden, "MatMulInteger: the integers the standard gives");

  const Matrix<std::uint8_t> x = {{208, 236, 0, 238}, {3, 214, 255, 29}};
  const Matrix<std::uint8_t> w = {{152, 60, 0, 127}, {51, 26, 127, 254}, {244, 255, 246, 247}};
  const Vector<std::int32_t> no_bias = {0, 0, 0}, w_zero_point = {114};
  const auto folded =
      fold_zero_points(w, values(no_bias), 113, unsigned_range(8), values(w_zero_point));
  const Matrix<std::int32_t> acc = integer_product(x, w, values(folded), values(w_zero_point));
  const float m = output_multiplier(0.0066F, 0.00705F, 0.0107F);
  const auto y = requantize_matrix<std::uint8_t>(acc, std::span<const float>(&m, 1), 118,
                                                 unsigned_range(8), &requantize_float);
  print_matrix("QLinearMatMul, the sums", acc);
  print_matrix("QLinearMatMul", y);
  const Matrix<std::uint8_t> golden_y = {{168, 115, 255}, {1, 66, 151}};
  lesson.claims.expect(
      y == golden_y,
      "QLinearMatMul, u8 by u8 with two zero points: the integers the standard gives");
}

void write_disagreement_curve(const Lesson& lesson) {
  if (!lesson.report.wants_csv()) return;
  std::vector<std::vector<double>> rows;
  for (double low = 0x1p-14; low < 1.0; low *= 2.0) {
    const Disagreements c = count_disagreements(lesson.options.seed, low, 2.0 * low, kDraws);
    const auto percent = [](int count) { return 100.0 * count / kDraws; };
    rows.push_back({low, 2.0 * low, percent(c.gemmlowp_fixed), percent(c.half_up_fixed),
                    percent(c.fixed_float)});
  }
  lesson.report.csv("disagreement",
                    {"low", "high", "gemmlowp_fixed", "half_up_fixed", "fixed_float"}, rows);
}

}  // namespace qfs

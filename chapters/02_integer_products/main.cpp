// Chapter 02: a matrix product in integers, and back to few bits.

#include <cstdio>
#include <string>
#include <vector>

#include "02_integer_products/experiments.hpp"
#include "02_integer_products/paper_layer.hpp"
#include "common/print.hpp"

namespace {

namespace paper = qfs::paper_product;
using qfs::Matrix;
using qfs::PaperLayer;

bool same_numbers(const auto& matrix, const auto& expected) {
  return std::ranges::equal(qfs::values(matrix), expected);
}

std::string place(std::size_t m, std::size_t n) {
  return std::to_string(m) + "," + std::to_string(n);
}

void float_first() {
  qfs::section(1, "The float product: what we want to reproduce");
  qfs::print_matrix("x", paper::kX);
  qfs::print_matrix("W, one row per output", paper::kW);
  std::printf("  b = %s\n", qfs::list_text<float>(paper::kBias).c_str());
  qfs::print_matrix("y = x W^T + b", qfs::paper_float_product());
}

void print_params(const char* name, qfs::QuantParams p, qfs::QuantRange range) {
  std::printf("  %s: scale %g, zero point %d, integers %d..%d\n", name, p.scale, p.zero_point,
              range.qmin, range.qmax);
}

void offline(const PaperLayer& layer, qfs::Lesson& lesson) {
  qfs::section(2, "Offline: all that does not depend on the input");
  print_params("x", paper::kXParams, paper::kUnsigned);
  print_params("W", layer.w_params, paper::kSigned);
  print_params("y", paper::kYParams, paper::kUnsigned);
  qfs::print_matrix("q_w", layer.w);
  const int z_x = paper::kXParams.zero_point, depth = static_cast<int>(layer.w.shape(1));
  qfs::Table table({"output", "b", "b / (s_x s_w)", "bias", "sum q_w", "- z_x sum q_w",
                    "+ K z_x z_w", "folded"});
  for (std::size_t n = 0; n < 3; ++n)
    table.row({std::to_string(n), qfs::general(paper::kBias[n], 6),
               qfs::general(paper::kBias[n] / (paper::kXParams.scale * layer.w_params.scale), 6),
               std::to_string(layer.bias(n)), std::to_string(layer.w_sums(n)),
               std::to_string(-z_x * layer.w_sums(n)),
               std::to_string(depth * z_x * layer.w_params.zero_point),
               std::to_string(layer.folded(n))});
  table.print();
  const auto [x_min, x_max] = qfs::min_max(qfs::values(paper::kX));
  const auto [w_min, w_max] = qfs::min_max(qfs::values(paper::kW));
  lesson.claims.expect(qfs::choose_qparams(x_min, x_max, paper::kUnsigned) == paper::kXParams &&
                           qfs::choose_qparams(w_min, w_max, paper::kSigned) == paper::kAffineW,
                       "chapter 01 chooses these parameters for x and W");
}

void run_time(const PaperLayer& layer, qfs::Lesson& lesson) {
  qfs::section(3, "At run time: integers only");
  const Matrix<std::uint8_t> q_x = qfs::paper_input();
  const qfs::Vector<std::int32_t> x_sums = qfs::row_sums(q_x);
  auto raw = qfs::make_tensor<std::int32_t>({2, 3});
  qfs::gemm_u8s8s32_ref({2, 3, 4}, qfs::values(q_x), qfs::values(layer.w), qfs::values(raw));
  qfs::print_matrix("q_x", q_x);
  qfs::print_matrix("sum q_x q_w", raw);
  std::printf("  sum q_x of each row: %s, to be multiplied by -z_w = %d\n",
              qfs::list_text(qfs::values(x_sums)).c_str(), -layer.w_params.zero_point);
  const Matrix<std::int32_t> acc = qfs::paper_sums(layer);
  qfs::print_matrix("acc = sum q_x q_w + folded - z_w sum q_x", acc);
  const auto by_definition = qfs::product_by_definition(q_x, paper::kXParams.zero_point, layer.w,
                                                        layer.w_params.zero_point);
  bool same = true;
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 3; ++n)
      same = same && acc(m, n) == by_definition(m, n) + layer.bias(n);
  lesson.claims.expect(same, "the same integers as sum (q_x - z_x)(q_w - z_w) + bias");
  lesson.claims.expect(same_numbers(acc, paper::kAffineAcc), "and as the sums on paper");
}

// Prints every output by the three rules; returns them: float, fixed, gemmlowp.
std::vector<Matrix<std::uint8_t>> print_three_rules(const PaperLayer& layer) {
  const Matrix<std::int32_t> acc = qfs::paper_sums(layer);
  const Matrix<float> y = qfs::paper_float_product();
  const auto by = [&]<class Multiplier>(const Multiplier& multiplier, auto rule) {
    return qfs::requantize_matrix<std::uint8_t>(acc, std::span<const Multiplier>(&multiplier, 1),
                                                paper::kYParams.zero_point, paper::kUnsigned, rule);
  };
  const std::vector<Matrix<std::uint8_t>> q = {by(layer.multiplier, &qfs::requantize_float),
                                               by(layer.fixed, &qfs::requantize_fixed<>),
                                               by(layer.fixed, &qfs::requantize_gemmlowp)};
  std::printf("  m = %.9g = %d / 2^%d\n", layer.multiplier, layer.fixed.mantissa,
              31 + layer.fixed.shift);
  qfs::Table table(
      {"output", "acc", "acc * m", "float", "fixed", "gemmlowp", "back to real", "float y"});
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 3; ++n)
      table.row({place(m, n), std::to_string(acc(m, n)),
                 qfs::general(acc(m, n) * static_cast<double>(layer.multiplier), 9),
                 std::to_string(q[0](m, n)), std::to_string(q[1](m, n)), std::to_string(q[2](m, n)),
                 qfs::general(qfs::dequantize_value(q[0](m, n), paper::kYParams), 6),
                 qfs::fixed(y(m, n), 3)});
  table.print();
  return q;
}

void back_to_four_bits(const PaperLayer& layer, qfs::Lesson& lesson) {
  qfs::section(4, "Back to four bits: z_y + round(acc * m), by three rules");
  const auto q = print_three_rules(layer);
  lesson.claims.expect(
      same_numbers(q[0], paper::kAffineByHand) && paper::kAffineByHand == paper::kAffineByPyTorch,
      "by hand = this program = PyTorch, all six");
  lesson.claims.expect(q[0] == q[1] && q[0] == q[2], "the three rules agree here");
}

void symmetric_weights(const PaperLayer& layer, qfs::Lesson& lesson) {
  qfs::section(6, "Symmetric weights: no sum over the input, and three ties");
  print_params("W", layer.w_params, paper::kNarrow);
  qfs::print_matrix("q_w", layer.w);
  std::printf("  folded bias %s; acc = sum q_x q_w + folded\n",
              qfs::list_text(qfs::values(layer.folded)).c_str());
  const auto q = print_three_rules(layer);
  lesson.claims.expect(
      q[0](1, 0) == 9 && q[1](1, 0) == 10 && q[2](1, 0) == 10,
      "39 * m = 6.50000019: a tie in float32, to even 6; more than a half in fixed point");
  const Matrix<std::int32_t> acc = qfs::paper_sums(layer);
  qfs::Table table(
      {"output", "acc by hand", "program", "q_y by hand", "program (float)", "PyTorch"});
  for (std::size_t i = 0; i < 6; ++i)
    table.row({place(i / 3, i % 3), std::to_string(paper::kSymmetricAcc[i]),
               std::to_string(acc(i / 3, i % 3)), std::to_string(paper::kSymmetricByHand[i]),
               std::to_string(q[0](i / 3, i % 3)), std::to_string(paper::kSymmetricByPyTorch[i])});
  table.print();
  lesson.claims.expect(same_numbers(acc, paper::kSymmetricAcc) &&
                           same_numbers(q[0], paper::kSymmetricByHand) &&
                           paper::kSymmetricByHand == paper::kSymmetricByPyTorch,
                       "by hand = this program = PyTorch, all six");
}

void what_goes_wrong(const PaperLayer& layer, qfs::Lesson& lesson) {
  qfs::section(9, "What goes wrong: the term - z_x sum q_w is forgotten");
  const Matrix<std::int32_t> right = qfs::paper_sums(layer);
  const Matrix<std::int32_t> wrong = qfs::integer_product(
      qfs::paper_input(), layer.w, qfs::values(layer.bias), layer.zero_points());
  const auto q = [&](std::int32_t acc) {
    return std::to_string(
        qfs::requantize_float(acc, layer.multiplier, paper::kYParams.zero_point, paper::kUnsigned));
  };
  qfs::Table table({"output", "right acc", "wrong acc", "difference", "right q_y", "wrong q_y"});
  bool constant = true;
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t m = 0; m < 2; ++m) {
      const std::int32_t difference = wrong(m, n) - right(m, n);
      constant = constant && difference == paper::kXParams.zero_point * layer.w_sums(n);
      table.row({place(m, n), std::to_string(right(m, n)), std::to_string(wrong(m, n)),
                 std::to_string(difference), q(right(m, n)), q(wrong(m, n))});
    }
  table.print();
  lesson.claims.expect(constant,
                       "every input is off by z_x sum q_w: one constant per output column");
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("02 Integer products",
                       "A matrix product in integers, and back to few bits.");
  int traced_row = 0, traced_column = 0;
  program.option("--row", traced_row, "row of the output that --trace follows", 0, 1);
  program.option("--column", traced_column, "column of the output that --trace follows", 0, 2);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    const PaperLayer affine = qfs::prepare_paper_layer(paper::kAffineW, paper::kSigned);
    const PaperLayer symmetric = qfs::prepare_paper_layer(paper::kSymmetricW, paper::kNarrow);
    float_first();
    offline(affine, lesson);
    run_time(affine, lesson);
    back_to_four_bits(affine, lesson);
    qfs::show_disagreements(lesson);
    symmetric_weights(symmetric, lesson);
    qfs::show_accumulator_bound(lesson);
    qfs::show_onnx_vectors(lesson);
    what_goes_wrong(symmetric, lesson);
    if (lesson.options.trace)
      qfs::trace_output(affine, static_cast<std::size_t>(traced_row),
                        static_cast<std::size_t>(traced_column));
    qfs::write_disagreement_curve(lesson);
  });
}

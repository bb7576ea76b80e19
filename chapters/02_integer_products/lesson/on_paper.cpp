// Sections 1 to 4: the paper example from its reals to its integers and back.
#include <cstdio>
#include <string>

#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {

void float_first() {
  section(1, "The float product: what we want to reproduce");
  print_matrix("x", paper::kX);
  print_matrix("W, one row per output", paper::kW);
  std::printf("  b = %s\n", list_text<float>(paper::kBias).c_str());
  print_matrix("y = x W^T + b", paper_float_product());
}

void print_params(const char* name, QuantParams p, QuantRange range) {
  std::printf("  %s: scale %g, zero point %d, integers %d..%d\n", name, p.scale, p.zero_point,
              range.qmin, range.qmax);
}

void offline(const PaperLayer& layer, Lesson& lesson) {
  section(2, "Offline: all that does not depend on the input");
  print_params("x", paper::kXParams, paper::kUnsigned);
  print_params("W", layer.w_params, paper::kSigned);
  print_params("y", paper::kYParams, paper::kUnsigned);
  print_matrix("q_w", layer.w);
  const int z_x = paper::kXParams.zero_point, depth = static_cast<int>(layer.w.shape(1));
  Table table({"output", "b", "b / (s_x s_w)", "bias", "sum q_w", "- z_x sum q_w", "+ K z_x z_w",
               "folded"});
  for (std::size_t n = 0; n < 3; ++n)
    table.row({std::to_string(n), general(paper::kBias[n], 6),
               general(paper::kBias[n] / (paper::kXParams.scale * layer.w_params.scale), 6),
               std::to_string(layer.bias(n)), std::to_string(layer.w_sums(n)),
               std::to_string(-z_x * layer.w_sums(n)),
               std::to_string(depth * z_x * layer.w_params.zero_point),
               std::to_string(layer.folded(n))});
  table.print();
  const auto [x_min, x_max] = min_max(values(paper::kX));
  const auto [w_min, w_max] = min_max(values(paper::kW));
  lesson.claims.expect(choose_qparams(x_min, x_max, paper::kUnsigned) == paper::kXParams &&
                           choose_qparams(w_min, w_max, paper::kSigned) == paper::kAffineW,
                       "chapter 01 chooses these parameters for x and W");
}

void run_time(const PaperLayer& layer, Lesson& lesson) {
  section(3, "At run time: integers only");
  const Matrix<std::uint8_t> q_x = paper_input();
  const Vector<std::int32_t> x_sums = row_sums(q_x);
  auto raw = make_tensor<std::int32_t>({2, 3});
  gemm_u8s8s32_ref({2, 3, 4}, values(q_x), values(layer.w), values(raw));
  print_matrix("q_x", q_x);
  print_matrix("sum q_x q_w", raw);
  std::printf("  sum q_x of each row: %s, to be multiplied by -z_w = %d\n",
              list_text(values(x_sums)).c_str(), -layer.w_params.zero_point);
  const Matrix<std::int32_t> acc = paper_sums(layer);
  print_matrix("acc = sum q_x q_w + folded - z_w sum q_x", acc);
  const auto by_definition =
      product_by_definition(q_x, paper::kXParams.zero_point, layer.w, layer.w_params.zero_point);
  bool same = true;
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 3; ++n)
      same = same && acc(m, n) == by_definition(m, n) + layer.bias(n);
  lesson.claims.expect(same, "the same integers as sum (q_x - z_x)(q_w - z_w) + bias");
  lesson.claims.expect(same_numbers(acc, paper::kAffineAcc), "and as the sums on paper");
}

std::string place(std::size_t m, std::size_t n) {
  return std::to_string(m) + "," + std::to_string(n);
}

std::vector<Matrix<std::uint8_t>> print_three_rules(const PaperLayer& layer) {
  const Matrix<std::int32_t> acc = paper_sums(layer);
  const Matrix<float> y = paper_float_product();
  const auto by = [&]<class Multiplier>(const Multiplier& multiplier, auto rule) {
    return requantize_matrix<std::uint8_t>(acc, std::span<const Multiplier>(&multiplier, 1),
                                           paper::kYParams.zero_point, paper::kUnsigned, rule);
  };
  const std::vector<Matrix<std::uint8_t>> q = {by(layer.multiplier, &requantize_float),
                                               by(layer.fixed, &requantize_fixed<>),
                                               by(layer.fixed, &requantize_gemmlowp)};
  std::printf("  m = %.9g = %d / 2^%d\n", layer.multiplier, layer.fixed.mantissa,
              31 + layer.fixed.shift);
  Table table(
      {"output", "acc", "acc * m", "float", "fixed", "gemmlowp", "back to real", "float y"});
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 3; ++n)
      table.row({place(m, n), std::to_string(acc(m, n)),
                 general(acc(m, n) * static_cast<double>(layer.multiplier), 9),
                 std::to_string(q[0](m, n)), std::to_string(q[1](m, n)), std::to_string(q[2](m, n)),
                 general(dequantize_value(q[0](m, n), paper::kYParams), 6), fixed(y(m, n), 3)});
  table.print();
  return q;
}

void back_to_four_bits(const PaperLayer& layer, Lesson& lesson) {
  section(4, "Back to four bits: z_y + round(acc * m), by three rules");
  const auto q = print_three_rules(layer);
  lesson.claims.expect(
      same_numbers(q[0], paper::kAffineByHand) && paper::kAffineByHand == paper::kAffineByPyTorch,
      "by hand = this program = PyTorch, all six");
  lesson.claims.expect(q[0] == q[1] && q[0] == q[2], "the three rules agree here");
}

}  // namespace qfs::ch02

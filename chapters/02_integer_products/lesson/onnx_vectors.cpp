// Section 8: two examples of the ONNX standard.
#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {

void onnx_vectors(Lesson& lesson) {
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
  lesson.claims.expect(y == golden_y,
                       "QLinearMatMul, with two zero points: the integers the standard gives");
}

}  // namespace qfs::ch02

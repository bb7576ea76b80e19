// Section 9: what goes wrong when a term of the sum is forgotten.
#include <string>

#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {

void mistakes(const PaperLayer& layer, Lesson& lesson) {
  section(9, "What goes wrong: the term - z_x sum q_w is forgotten");
  const Matrix<std::int32_t> right = paper_sums(layer);
  const Matrix<std::int32_t> wrong =
      integer_product(paper_input(), layer.w, values(layer.bias), layer.zero_points());
  const auto q = [&](std::int32_t acc) {
    return std::to_string(
        requantize_float(acc, layer.multiplier, paper::kYParams.zero_point, paper::kUnsigned));
  };
  Table table({"output", "right acc", "wrong acc", "difference", "right q_y", "wrong q_y"});
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

}  // namespace qfs::ch02

// Section 6: the paper example once more, with weights that need no sum over the input.
#include <cstdio>

#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {

void symmetric_weights(const PaperLayer& layer, Lesson& lesson) {
  section(6, "Symmetric weights: no sum over the input, and three ties");
  print_params("W", layer.w_params, paper::kNarrow);
  print_matrix("q_w", layer.w);
  std::printf("  folded bias %s; acc = sum q_x q_w + folded\n",
              list_text(values(layer.folded)).c_str());
  const auto q = print_three_rules(layer);
  lesson.claims.expect(q[0](1, 0) == 9 && q[1](1, 0) == 10 && q[2](1, 0) == 10,
                       "39 * m = 6.50000019: a tie in float32, to even 6; above it in fixed point");
  const Matrix<std::int32_t> acc = paper_sums(layer);
  Table table({"output", "acc by hand", "program", "q_y by hand", "program (float)", "PyTorch"});
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

}  // namespace qfs::ch02

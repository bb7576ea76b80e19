// Section 1: one weight through fold, fake quantization and back, beside the numbers worked out by
// hand.
#include "22_model_comparison/lesson/paper_example.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {

void on_paper(Lesson& lesson) {
  section(1, "One weight: folded, fake-quantized, and back");
  const std::array<double, kPaperNames.size()> got = paper_numbers();
  Table table({"", "this program", "by hand", "PyTorch"});
  bool by_hand = true, by_pytorch = true;
  for (std::size_t i = 0; i < got.size(); ++i) {
    table.row({kPaperNames[i], fixed(got[i], 4), fixed(kPaperByHand[i], 4),
               fixed(kPaperByPyTorch[i], 4)});
    by_hand = by_hand && got[i] == kPaperByHand[i];
    by_pytorch = by_pytorch && got[i] == kPaperByPyTorch[i];
  }
  table.print();
  lesson.claims.expect(by_hand, "by hand = this program, every bit of all 13 numbers");
  lesson.claims.expect(by_pytorch, "and = PyTorch's ConvBnReLU2d, every bit");
}

}  // namespace qfs::ch22

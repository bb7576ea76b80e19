// Section 1: one weight, one activation, one step, beside the numbers worked out by hand.
#include <cmath>
#include <cstdio>

#include "04_mnist_mlp/adam.hpp"
#include "09_qat/lesson/paper_example.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {
namespace {

namespace paper = paper_qat;

struct Line {
  const char* name;
  double program, by_hand, pytorch;
};

std::vector<Line> lines_of(const paper::Pass& got, const paper::Pass& hand,
                           const paper::Pass& pytorch) {
  return {{"w", got.w, hand.w, pytorch.w},
          {"s_w", got.s_w, hand.s_w, pytorch.s_w},
          {"w' = fake_quantize(w)", got.w_fake, hand.w_fake, pytorch.w_fake},
          {"y, first picture", got.y[0], hand.y[0], pytorch.y[0]},
          {"y, second picture", got.y[1], hand.y[1], pytorch.y[1]},
          {"s_h", got.s_h, hand.s_h, pytorch.s_h},
          {"h', first picture", got.h[0], hand.h[0], pytorch.h[0]},
          {"h', second picture", got.h[1], hand.h[1], pytorch.h[1]},
          {"loss", got.loss, hand.loss, pytorch.loss},
          {"dL/dw", got.dw, hand.dw, pytorch.dw},
          {"g dL/ds_w", got.ds_w, hand.ds_w, pytorch.ds_w},
          {"g dL/ds_h", got.ds_h, hand.ds_h, pytorch.ds_h}};
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "One weight and one activation in two bits, one step");
  QatLinear layer = paper::make_layer();
  const paper::Pass before = paper::pass(layer);
  Adam adam(paper::parameters(layer), {.learning_rate = paper::kLearningRate});
  adam.step();
  const paper::Pass after = paper::pass(layer);
  Table table({"", "before", "by hand", "PyTorch", "after", "by hand", "PyTorch"});
  const auto first = lines_of(before, paper::kBefore, paper::kBeforeByPyTorch);
  const auto second = lines_of(after, paper::kAfter, paper::kAfterByPyTorch);
  bool by_hand = true, by_pytorch = true;
  for (std::size_t i = 0; i < first.size(); ++i) {
    std::vector<std::string> cells = {first[i].name};
    for (const Line& line : {first[i], second[i]}) {
      for (double value : {line.program, line.by_hand, line.pytorch})
        cells.push_back(fixed(value, 4));
      by_hand = by_hand && std::fabs(line.program - line.by_hand) <= 0.5e-4;
      by_pytorch = by_pytorch && std::fabs(line.program - line.pytorch) <= 2e-6;
    }
    table.row(cells);
  }
  table.print();
  lesson.claims.expect(by_hand, "by hand = this program, all 24 numbers, to the fourth decimal");
  lesson.claims.expect(by_pytorch, "and = PyTorch, within 2e-6");
  lesson.claims.expect(after.loss < before.loss, "the loss falls from 0.6250 to 0.5254");
}

}  // namespace qfs::ch09

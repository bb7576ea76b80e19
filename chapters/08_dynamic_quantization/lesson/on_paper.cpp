// Section 1: one row alone and in a batch, every number beside the one worked out by
// hand.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "08_dynamic_quantization/lesson/paper_example.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch08 {
namespace {

namespace paper = paper_dynamic;

bool same(const auto& matrix, const auto& expected) {
  return std::ranges::equal(values(matrix), expected);
}

void add_row(Table& table, const char* name, const Steps& batch, std::size_t m) {
  const QuantParams p = batch.input.params[0];
  table.row({name, general(static_cast<double>(p.scale), 4), std::to_string(p.zero_point),
             list_text(row(batch.input.q, m)), list_text(row(batch.acc, m)),
             list_text(row(batch.sum, m)), list_text(row(batch.y, m), 5),
             std::to_string(argmax_rows(batch.y)[m])});
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "On paper: one row alone, and in a batch of two");
  const QuantizedNet net = paper::make_net();
  const OperationParts layer = layers_of(net)[0];
  const ToF32 to_f32 = make_to_f32(*layer.weights);
  std::printf("  weights q_w = [[4, -2, 3], [-7, 3, 2]], s_w = 0.5, their row sums %s, bias %s\n",
              list_text(values(std::as_const(to_f32.weight_sum))).c_str(),
              list_text(values(layer.weights->real_bias)).c_str());
  const Steps alone = run_layer(layer, paper::kAlone, {}), both = run_layer(layer, paper::kBoth, {});
  Table table({"", "s_x", "z_x", "q_x", "sum q_x q_w", "- z_x sum q_w", "y", "class"});
  add_row(table, "first row, alone", alone, 0);
  add_row(table, "first row, in batch", both, 0);
  add_row(table, "second row", both, 1);
  table.print();
  const auto& a = alone.input;
  const auto& b = both.input;
  lesson.claims.expect(same(to_f32.weight_sum, paper::kWeightSum) &&
                           a.params[0].zero_point == paper::kAloneZeroPoint &&
                           b.params[0].zero_point == paper::kBothZeroPoint &&
                           same(a.q, paper::kAloneQ) && same(b.q, paper::kBothQ) &&
                           same(alone.acc, paper::kAloneAcc) && same(both.acc, paper::kBothAcc) &&
                           same(alone.sum, paper::kAloneSum) && same(both.sum, paper::kBothSum),
                       "by hand = this program, every integer");
  lesson.claims.expect(a.params[0].scale == paper::kAloneScaleByPyTorch &&
                           b.params[0].scale == paper::kBothScaleByPyTorch &&
                           same(alone.y, paper::kAloneByPyTorch) &&
                           same(both.y, paper::kBothByPyTorch),
                       "and = PyTorch, every bit of the scales and outputs");
  lesson.claims.expect(argmax_rows(alone.y)[0] == 1 && argmax_rows(both.y)[0] == 0,
                       "the same row has class 1 alone, and class 0 in the batch");
}

}  // namespace qfs::ch08

// Section 1: one row alone and in a batch, every number beside the one worked out by hand.
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

// One row of a batch.
struct Row {
  const Steps& batch;
  std::size_t m;
};

void print_rows(std::span<const Row> rows) {
  Table table({"", "first row, alone", "first row, in batch", "second row"});
  const auto add = [&](const char* name, const auto& text_of) {
    std::vector<std::string> cells = {name};
    for (const Row& r : rows) cells.push_back(text_of(r.batch, r.m));
    table.row(cells);
  };
  using M = std::size_t;
  add("s_x", [](const Steps& s, M) { return general(s.input.params[0].scale, 4); });
  add("z_x", [](const Steps& s, M) { return std::to_string(s.input.params[0].zero_point); });
  add("q_x", [](const Steps& s, M m) { return list_text(row(s.input.q, m)); });
  add("sum q_x q_w", [](const Steps& s, M m) { return list_text(row(s.acc, m)); });
  add("- z_x sum q_w", [](const Steps& s, M m) { return list_text(row(s.sum, m)); });
  add("y", [](const Steps& s, M m) { return list_text(row(s.y, m), 5); });
  add("class", [](const Steps& s, M m) { return std::to_string(argmax_rows(s.y)[m]); });
  table.print();
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "On paper: one row alone, and in a batch of two");
  const QuantizedNet net = paper::make_net();
  const OperationParts layer = layers_of(net)[0];
  const ToF32 to_f32 = make_to_f32(*layer.weights);
  std::printf("  weights q_w = [[4, -2, 3], [-7, 3, 2]], s_w = 0.5\n  row sums %s, bias %s\n",
              list_text(values(std::as_const(to_f32.weight_sum))).c_str(),
              list_text(values(layer.weights->real_bias)).c_str());
  const Steps alone = run_layer(layer, paper::kAlone, {}),
              both = run_layer(layer, paper::kBoth, {});
  const Row rows[] = {{alone, 0}, {both, 0}, {both, 1}};
  print_rows(rows);
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

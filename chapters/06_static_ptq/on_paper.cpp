// Section 1 of the lesson: the paper net, every integer beside the one worked out by hand.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "06_static_ptq/paper_example.hpp"
#include "06_static_ptq/sections.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

namespace paper = paper_mlp;

bool same(const auto& matrix, const auto& expected) {
  return std::ranges::equal(values(matrix), expected);
}

Matrix<std::int32_t> sums_of(const PackedLinear& layer, const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), layer.outputs});
  ref_product(layer, values(x), x.shape(0), values(acc));
  return acc;
}

void print_layer(const char* name, const QuantizedLinear& layer, const PackedLinear& packed) {
  std::printf("  %s: q_w = [[%d, %d], [%d, %d]], bias %s, folded %s, m = %g\n", name,
              layer.weight(0, 0), layer.weight(0, 1), layer.weight(1, 0), layer.weight(1, 1),
              list_text(values(layer.bias)).c_str(), list_text(values(packed.bias)).c_str(),
              static_cast<double>(layer.multiplier(0)));
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "A 2-2-2 net on paper, in integers from end to end");
  const QuantizedMlp net = paper::make_net();
  const PackedMlp packed = pack(net);
  const Matrix<std::uint8_t>& x = paper::kInput;
  std::printf("  x: scale 0.25, zero point 4; hidden: 0.5, 6; logits: 0.25, 4; integers 0..15\n");
  print_layer("layer 1", net.layers[0], packed.layers[0].linear);
  print_layer("layer 2", net.layers[1], packed.layers[1].linear);
  std::vector<Matrix<std::uint8_t>> kept;
  const Matrix<std::uint8_t> y = forward_u8(packed, x, &kept);
  Matrix<std::uint8_t> relu = kept[0];
  relu_u8(values(relu), net.layers[0].output.zero_point);
  const Matrix<std::int32_t> acc1 = sums_of(packed.layers[0].linear, x),
                             acc2 = sums_of(packed.layers[1].linear, relu);
  auto real_x = make_tensor<float>({2, 2});
  dequantize(values(x), net.input, values(real_x));
  const Matrix<float> real = forward_ref(paper::make_float_net(), real_x),
                      logits = dequantize_logits(packed, y);
  Table table({"q_x", "acc 1", "layer 1", "ReLU", "acc 2", "layer 2", "class", "logits", "float"});
  const std::vector<std::uint8_t> classes = argmax_rows(logits);
  for (std::size_t m = 0; m < 2; ++m)
    table.row({list_text(row(x, m)), list_text(row(acc1, m)),
               list_text(row(std::as_const(kept[0]), m)), list_text(row(std::as_const(relu), m)),
               list_text(row(acc2, m)), list_text(row(y, m)), std::to_string(classes[m]),
               list_text(row(logits, m)), list_text(row(real, m))});
  table.print();
  lesson.claims.expect(same(acc1, paper::kAcc1) && same(kept[0], paper::kLayer1) &&
                           same(relu, paper::kRelu) && same(acc2, paper::kAcc2) &&
                           same(y, paper::kLayer2) && std::ranges::equal(classes, paper::kClasses),
                       "by hand = this program, every integer of both inputs");
  lesson.claims.expect(same(kept[0], paper::kLayer1ByPyTorch) &&
                           same(relu, paper::kReluByPyTorch) && same(y, paper::kLayer2ByPyTorch),
                       "and = PyTorch, every output");
}

}  // namespace qfs

// Section 1: the paper net, every integer beside the one worked out by hand.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "06_static_ptq/lesson/paper_example.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

namespace paper = paper_mlp;

bool same(const auto& matrix, const auto& expected) {
  return std::ranges::equal(values(matrix), expected);
}

// The raw sums of q_x q_w and, added to each, the folded bias (eq. 6.6).
Matrix<std::int32_t> sums_of(const OperationParts& layer, const Matrix<std::uint8_t>& q_x) {
  const Backend& ref = ref_backend();
  const PackedProduct product =
      ref.pack({.weight = &layer.weights->weight, .input_range = layer.input.range});
  auto acc = make_tensor<std::int32_t>({q_x.shape(0), layer.output.size()});
  ref.run_s32(product, matrix_left_side(values(q_x), q_x.shape(0)), values(acc));
  const ToU8 to_u8 = make_to_u8(layer);
  for (std::size_t m = 0; m < acc.shape(0); ++m)
    for (std::size_t n = 0; n < acc.shape(1); ++n) acc(m, n) += to_u8.bias(n);
  return acc;
}

void print_layer(const char* name, const OperationParts& layer) {
  const Matrix<std::int8_t>& q = layer.weights->weight.q;
  const ToU8 to_u8 = make_to_u8(layer);
  std::printf("  %s: q_w = [[%d, %d], [%d, %d]], bias %s, folded %s, m = %g\n", name, q(0, 0),
              q(0, 1), q(1, 0), q(1, 1), list_text(values(layer.weights->bias)).c_str(),
              list_text(values(to_u8.bias)).c_str(), static_cast<double>(to_u8.multiplier(0)));
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "A 2-2-2 net on paper, in integers from end to end");
  const QuantizedNet net = paper::make_net();
  const std::vector<OperationParts> layers = layers_of(net);
  std::printf("  x: scale 0.25, zero point 4; hidden: 0.5, 6; logits: 0.25, 4; integers 0..15\n");
  print_layer("layer 1", layers[0]);
  print_layer("layer 2", layers[1]);
  NetBuffers buffers;
  const Matrix<float>& logits = run(pack(net), paper::kRealInput, buffers);
  // Tensors: 0 reals, 1 q_x, 2 layer 1, 3 ReLU, 4 layer 2, 5 logits.
  const Matrix<std::uint8_t>&q_x = buffers.u8[1], &layer1 = buffers.u8[2], &relu = buffers.u8[3],
        &layer2 = buffers.u8[4];
  const Matrix<std::int32_t> acc1 = sums_of(layers[0], q_x), acc2 = sums_of(layers[1], relu);
  const Matrix<float> real = forward_ref(paper::make_float_net(), paper::kRealInput);
  Table table({"q_x", "acc 1", "layer 1", "ReLU", "acc 2", "layer 2", "class", "logits"});
  const std::vector<std::uint8_t> classes = argmax_rows(logits);
  for (std::size_t m = 0; m < 2; ++m)
    table.row({list_text(row(q_x, m)), list_text(row(acc1, m)), list_text(row(layer1, m)),
               list_text(row(relu, m)), list_text(row(acc2, m)), list_text(row(layer2, m)),
               std::to_string(classes[m]), list_text(row(logits, m))});
  table.print();
  for (std::size_t m = 0; m < 2; ++m)
    std::printf("  float has the logits %s\n", list_text(row(real, m)).c_str());
  lesson.claims.expect(same(q_x, values(paper::kInput)) && same(acc1, paper::kAcc1) &&
                           same(layer1, paper::kLayer1) && same(relu, paper::kRelu) &&
                           same(acc2, paper::kAcc2) && same(layer2, paper::kLayer2) &&
                           std::ranges::equal(classes, paper::kClasses),
                       "by hand = this program, every integer of both inputs");
  lesson.claims.expect(same(layer1, paper::kLayer1ByPyTorch) && same(relu, paper::kReluByPyTorch) &&
                           same(layer2, paper::kLayer2ByPyTorch),
                       "and = PyTorch, every output");
}

}  // namespace qfs::ch06

// Section 1: one layer and its ReLU in four bits, beside the integers worked out by
// hand.
#include <algorithm>
#include <cstdio>

#include "07_layer_fusion/lesson/paper_example.hpp"
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch07 {
namespace {

namespace paper = paper_fusion;

// The integers of one tensor of the net.
Matrix<std::uint8_t> tensor_of(const QuantizedNet& net, std::size_t tensor) {
  NetBuffers tensors;
  run(pack(net), paper::kRealInput, tensors);
  return tensors.u8[tensor];
}

std::string real_text(int q, QuantParams p) {
  return general(static_cast<double>(dequantize_value(q, p)), 4);
}

bool same(const Matrix<std::uint8_t>& q, const std::array<int, 4>& expected) {
  return std::ranges::equal(values(q), expected);
}

QuantParams params_of(Interval interval) {
  return choose_qparams(interval.min, interval.max, paper::kFourBits);
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "One layer with its ReLU, four sums, in four bits");
  const QuantParams before = params_of(paper::kBeforeRelu), after = params_of(paper::kAfterRelu);
  std::printf("  before ReLU [-3.75, 3.75]: s_y = %g, z_y = %d;  after ReLU [0, 3.75]: %g, %d\n",
              static_cast<double>(before.scale), before.zero_point,
              static_cast<double>(after.scale), after.zero_point);
  const QuantizedNet net = paper::make_net(before);
  const Matrix<std::uint8_t> linear = tensor_of(net, 2), relu = tensor_of(net, 3);
  // Without the relu, tensor 2 is what the linear writes.
  const Matrix<std::uint8_t> same_params = tensor_of(fuse(net), 2),
                             own_params = tensor_of(fuse(paper::make_net(after)), 2);
  Table table(
      {"acc", "acc / 16", "Linear", "ReLU", "as real", "fused, same", "fused, own", "as real"});
  for (std::size_t i = 0; i < 4; ++i)
    table.row({std::to_string(paper::kAcc[i]), general(paper::kAcc[i] / 16.0, 4),
               std::to_string(values(linear)[i]), std::to_string(values(relu)[i]),
               real_text(values(relu)[i], before), std::to_string(values(same_params)[i]),
               std::to_string(values(own_params)[i]), real_text(values(own_params)[i], after)});
  table.print();
  lesson.claims.expect(before == paper::kUnfused && after == paper::kFused &&
                           same(linear, paper::kLinear) && same(relu, paper::kRelu) &&
                           same(same_params, paper::kSameParams) &&
                           same(own_params, paper::kOwnParams),
                       "by hand = this program, parameters and integers");
  lesson.claims.expect(same(relu, paper::kReluByPyTorch) &&
                           same(same_params, paper::kSameParamsByPyTorch) &&
                           same(own_params, paper::kOwnParamsByPyTorch),
                       "and = PyTorch");
}

}  // namespace qfs::ch07

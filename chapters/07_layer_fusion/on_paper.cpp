// Section 1 of the lesson: one layer and its ReLU in four bits, beside the integers worked out by
// hand.
#include <algorithm>
#include <cstdio>

#include "07_layer_fusion/paper_example.hpp"
#include "07_layer_fusion/sections.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

namespace paper = paper_fusion;

Matrix<std::uint8_t> output_of(const QuantizedLinear& layer) {
  auto y = make_tensor<std::uint8_t>({2, 2});
  ref_backend().run_u8(ref_backend().pack(layer), values(paper_mlp::kInput), 2, values(y));
  return y;
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
  const QuantizedLinear layer = paper::make_layer(before);
  const Matrix<std::uint8_t> linear = output_of(layer);
  Matrix<std::uint8_t> relu = linear;
  relu_u8(values(relu), before.zero_point);
  const Matrix<std::uint8_t> same_params = output_of(fuse(layer));
  const Matrix<std::uint8_t> own_params = output_of(fuse(paper::make_layer(after)));
  Table table(
      {"acc", "acc / 16", "Linear", "ReLU", "as real", "fused, same", "fused, own", "as real"});
  for (std::size_t i = 0; i < 4; ++i)
    table.row({std::to_string(paper::kAcc[i]), general(paper::kAcc[i] / 16.0, 4),
               std::to_string(values(linear)[i]), std::to_string(values(std::as_const(relu))[i]),
               real_text(values(std::as_const(relu))[i], before),
               std::to_string(values(same_params)[i]), std::to_string(values(own_params)[i]),
               real_text(values(own_params)[i], after)});
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

}  // namespace qfs

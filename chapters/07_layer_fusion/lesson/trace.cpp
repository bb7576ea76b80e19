// Section 9: two outputs of layer 1 for the first test digit, from the sum on.
#include <cmath>
#include <cstdio>

#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch07 {
namespace {

void trace_layer(const char* name, const OperationParts& layer, std::int32_t acc, std::size_t n,
                 bool relu_follows) {
  const ToU8 to_u8 = make_to_u8(layer);
  const float m = of_channel(values(to_u8.multiplier), n);
  const float scaled = static_cast<float>(acc) * m;
  const std::int32_t z = to_u8.output.zero_point;
  const QuantRange range = to_u8.range;
  const std::int32_t q = requantize_float(acc, m, z, range);
  std::printf("  %-8s acc * m = %d * %.7g = %.5f\n", name, acc, static_cast<double>(m),
              static_cast<double>(scaled));
  std::printf("  %-8s rounded %g, + %d, clamped to %d..%d: %d\n", "",
              static_cast<double>(std::nearbyint(scaled)), z, range.qmin, range.qmax, q);
  const std::int32_t after = relu_follows ? std::max(q, z) : q;
  if (relu_follows) std::printf("  %-8s ReLU, a second pass: max(%d, %d) = %d\n", "", q, z, after);
  std::printf("  %-8s stands for %.7g * (%d - %d) = %.5f\n", "",
              static_cast<double>(to_u8.output.scale), after, z,
              static_cast<double>(dequantize_value(after, to_u8.output)));
}

}  // namespace

void trace(const Study& study) {
  section(9, "Trace: what the ReLU cuts and what it keeps, layer 1, first test digit");
  if (study.hidden() == 0) {
    std::printf("  this net has no ReLU\n");
    return;
  }
  const OperationParts unfused = layers_of(study.unfused)[0], fused = layers_of(study.fused)[0];
  NetBuffers tensors;
  run(pack(study.unfused), normalized(study.data.test.pixels, 0, 1), tensors);
  const Matrix<std::uint8_t>& q_x = tensors.u8[unfused.operation.inputs[0]];
  const Backend& ref = ref_backend();
  const ToU8 to_u8 = make_to_u8(unfused);
  auto acc = make_tensor<std::int32_t>({1, unfused.output.size()});
  ref.run_s32(ref.pack({.weight = &unfused.weights->weight, .input_range = unfused.input.range}),
              matrix_left_side(values(q_x), 1), values(acc));
  for (std::size_t n = 0; n < acc.size(); ++n) acc(0, n) += to_u8.bias(n);
  for (bool positive : {false, true})
    for (std::size_t n = 0; n < acc.size(); ++n)
      if ((acc(0, n) > 0) == positive) {
        std::printf("  output %zu: one sum, %d; the float net has %.5f after its ReLU\n", n,
                    acc(0, n), static_cast<double>(study.real[0](0, n)));
        trace_layer("unfused", unfused, acc(0, n), n, true);
        trace_layer("fused", fused, acc(0, n), n, false);
        break;
      }
}

}  // namespace qfs::ch07

// Section 9 of the lesson: two outputs of layer 1 for the first test digit, from the sum on.
#include <cmath>
#include <cstdio>

#include "07_layer_fusion/sections.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

void trace_layer(const char* name, const QuantizedLinear& layer, std::int32_t acc, std::size_t n,
                 bool relu_follows) {
  const float m = of_channel(values(layer.multiplier), n);
  const float scaled = static_cast<float>(acc) * m;
  const std::int32_t z = layer.output.zero_point;
  const QuantRange range = layer.output_range;
  const std::int32_t q = requantize_float(acc, m, z, range);
  std::printf("  %-8s acc * m = %d * %.7g = %.5f, rounded %g, + %d, clamped to %d..%d: %d\n", name,
              acc, static_cast<double>(m), static_cast<double>(scaled),
              static_cast<double>(std::nearbyint(scaled)), z, range.qmin, range.qmax, q);
  const std::int32_t after = relu_follows ? std::max(q, z) : q;
  if (relu_follows) std::printf("  %-8s ReLU, a second pass: max(%d, %d) = %d\n", "", q, z, after);
  std::printf("  %-8s stands for %.7g * (%d - %d) = %.5f\n", "",
              static_cast<double>(layer.output.scale), after, z,
              static_cast<double>(dequantize_value(after, layer.output)));
}

}  // namespace

void trace(const Study& study) {
  section(9, "Trace: what the ReLU cuts and what it keeps, layer 1, first test digit");
  if (study.hidden() == 0) {
    std::printf("  this net has no ReLU\n");
    return;
  }
  const PackedMlp packed = pack(study.unfused);
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 1);
  const Matrix<std::uint8_t> q_x = quantize_input(packed, x);
  auto acc = make_tensor<std::int32_t>({1, packed.layers[0].linear.outputs});
  ref_product(packed.layers[0].linear, values(q_x), 1, values(acc));
  for (bool positive : {false, true})
    for (std::size_t n = 0; n < acc.size(); ++n)
      if ((acc(0, n) > 0) == positive) {
        std::printf("  output %zu: one sum, %d; the float net has %.5f after its ReLU\n", n,
                    acc(0, n), static_cast<double>(study.real[0](0, n)));
        trace_layer("unfused", study.unfused.layers[0], acc(0, n), n, true);
        trace_layer("fused", study.fused.layers[0], acc(0, n), n, false);
        break;
      }
}

}  // namespace qfs

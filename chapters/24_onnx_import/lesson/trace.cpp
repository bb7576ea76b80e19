// Section 6, --trace: one output of the MLP's first layer, from the file's numbers to an integer.
#include <cstdio>

#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {

void trace(const Study& study) {
  section(6, "One output of the MLP's first layer, end to end: the first digit");
  const QuantizedNet& net = study.files[0].net;
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 1);
  NetBuffers buffers;
  run(pack(net, ref_backend(), onnx_operations()), x, buffers);
  const OperationParts layer = layers_of(net)[0];
  const auto q = row(buffers.u8[1], 0);
  const QuantParams in = layer.input.params, out = layer.output.params;
  std::size_t n = 0;  // the first output that is not at an end of its range
  while (n + 1 < layer.output.size() && (buffers.u8[2](0, n) == layer.output.range.qmin ||
                                         buffers.u8[2](0, n) == layer.output.range.qmax))
    ++n;
  const auto weight = row(layer.weights->weight.q, n);
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < q.size(); ++k) sum += (q[k] - in.zero_point) * weight[k];
  const std::int32_t bias = layer.weights->bias(n), acc = sum + bias;
  const float m = make_to_u8_onnx(layer).multiplier(0);
  const std::size_t k = 400;
  std::printf("  x[%zu] = %g: x / s_x = %g / %g = %g, so q = %d\n", k, static_cast<double>(x(0, k)),
              static_cast<double>(x(0, k)), static_cast<double>(in.scale),
              static_cast<double>(x(0, k) / in.scale), static_cast<int>(q[k]));
  std::printf("  output %zu: sum of (q_x - %d) q_w over %zu inputs: %d; with the bias %d: %d\n", n,
              in.zero_point, q.size(), sum, bias, acc);
  std::printf("  m = s_x s_w / s_y = %g * %g / %g = %.9g\n", static_cast<double>(in.scale),
              static_cast<double>(layer.weights->weight.scale(0)), static_cast<double>(out.scale),
              static_cast<double>(m));
  std::printf("  %d * m = %.6g, plus %d, clamped to %d..%d: %d; the program: %d\n", acc,
              static_cast<double>(static_cast<float>(acc) * m), out.zero_point,
              layer.output.range.qmin, layer.output.range.qmax,
              requantize_float(acc, m, out.zero_point, layer.output.range),
              static_cast<int>(buffers.u8[2](0, n)));
}

}  // namespace qfs::ch24

// Section 9: one output of the faulty layer of 1.qfs, the largest error first.
#include <cmath>
#include <cstdio>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {

void trace(const Study& study) {
  section(9, "Trace: layer 2 of 1.qfs alone, the output with the largest error");
  if (!study.bundled) {
    std::printf("  left out: the file belongs to the bundled digits and their net\n");
    return;
  }
  const QuantizedNet net = load_model(faulty_file(1));
  const ChainLayer layer = chain_of(net)[1];
  Matrix<float> x = linear_forward_ref(study.narrow.mlp.layers[0], study.x);
  relu_forward(x);
  Matrix<float> y = linear_forward_ref(study.narrow.mlp.layers[1], x);
  relu_forward(y);
  NetBuffers buffers;
  run(pack(layer_alone(net, 1)), {.f32 = values(std::as_const(x))}, x.shape(0), buffers);
  const Matrix<std::uint8_t>& q_x = buffers.u8[1];
  const Matrix<std::uint8_t>& q_y = buffers.u8[2];
  const QuantParams params = layer.output->params;
  std::size_t worst = 0;
  double largest = -1.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double e = std::fabs(dequantize_value(values(q_y)[i], params) - values(y)[i]);
    if (e > largest) worst = i;
    largest = std::max(largest, e);
  }
  const std::size_t m = worst / y.shape(1), n = worst % y.shape(1);
  const ToU8 to_u8 = make_to_u8(layer.linear);
  std::int32_t acc = to_u8.bias(n);
  for (std::size_t k = 0; k < q_x.shape(1); ++k)
    acc += q_x(m, k) * layer.linear.weights->weight.q(n, k);
  const float scale = of_channel(values(to_u8.multiplier), n);
  std::printf("  digit %zu, output %zu: float %.5f\n", m, n, static_cast<double>(y(m, n)));
  std::printf("  sum %d * m %.7g = %.3f, + z %d, clamped to %d..%d: %d\n", acc,
              static_cast<double>(scale), static_cast<double>(static_cast<float>(acc) * scale),
              params.zero_point, layer.output->range.qmin, layer.output->range.qmax, q_y(m, n));
  std::printf("  which stands for %.7g * %d = %.5f: error %.5f, %.0f steps\n",
              static_cast<double>(params.scale), q_y(m, n) - params.zero_point,
              static_cast<double>(dequantize_value(q_y(m, n), params)), largest,
              largest / static_cast<double>(params.scale));
}

}  // namespace qfs::ch16

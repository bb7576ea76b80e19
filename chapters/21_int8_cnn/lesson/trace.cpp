// Section 9: one number of the first convolution, end to end.
#include <cmath>
#include <cstdio>

#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {

void trace(const Study& study) {
  section(9, "Trace: the first convolution, channel 1, the first pixel that is not 0");
  const QuantizedNet net = fused(study.residual());
  const OperationParts conv = layers_of(net)[0];
  const NetBuffers buffers =
      tensors_of(net, normalized(study.data.test.pixels, 0, 1), ref_backend());
  const Matrix<std::uint8_t>& x = buffers.u8[conv.operation.inputs[0]];
  const Matrix<std::uint8_t>& y = buffers.u8[conv.operation.output];
  const PictureShape in = picture_of(conv.input), out = picture_of(conv.output);
  const Window window = window_of(net, conv.operation);
  std::size_t place = 0;
  while (place + 1 < out.pixels() && y(0, place * out.channels) == 0) ++place;
  std::vector<std::uint8_t> patch(window.pixels() * in.channels);
  copy_patch(x.data(), in, window, {0, in.channels}, place / out.width, place % out.width,
             static_cast<std::uint8_t>(conv.input.params.zero_point), patch.data());
  std::int32_t sum = 0;
  std::printf("  place (%zu, %zu): q_x", place / out.width, place % out.width);
  for (std::uint8_t q : patch) std::printf(" %d", q);
  std::printf("\n  %-13s q_w", "");
  for (std::size_t k = 0; k < patch.size(); ++k) {
    sum += patch[k] * conv.weights->weight.q(0, k);
    std::printf(" %d", conv.weights->weight.q(0, k));
  }
  const ToU8 to = make_to_u8(conv);
  const float m = of_channel(values(to.multiplier), 0);
  std::printf("\n  sum of q_x q_w %d, + folded bias %d = %d, * %.7g = %.4f, rounded %g, + %d\n",
              sum, to.bias(0), sum + to.bias(0), static_cast<double>(m),
              static_cast<double>(static_cast<float>(sum + to.bias(0)) * m),
              static_cast<double>(std::nearbyint(static_cast<float>(sum + to.bias(0)) * m)),
              to.output.zero_point);
  std::printf("  clamped to %d..%d: %d, for the real %.4f\n", to.range.qmin, to.range.qmax,
              y(0, place * out.channels),
              static_cast<double>(dequantize_value(y(0, place * out.channels), to.output)));
}

}  // namespace qfs::ch21

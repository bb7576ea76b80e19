// Section 7, with --trace: one output of the first convolution, from its weights to its integer.
#include <cstdio>

#include "02_integer_products/requantize.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {

void trace(const Study& study) {
  section(7,
          "One output end to end: first convolution, channel 0, the middle of the first picture");
  const Models& models = study.nets.back();
  const QatConv& conv = models.graph.convs[0];
  const OperationParts parts = layers_of(models.qat)[0];
  const QuantizedWeight& weight = parts.weights->weight;
  const PictureShape picture = models.cnn.input();
  const std::size_t at = picture.height / 2;
  NetBuffers buffers;
  run(pack(models.qat, ref_backend(), cnn_operations()), normalized(study.data.test.pixels, 0, 1),
      buffers);
  const Matrix<std::uint8_t>&q_x = buffers.u8[parts.operation.inputs[0]],
        &q_y = buffers.u8[parts.operation.output];
  std::vector<std::uint8_t> patch(weight.inputs());
  const std::int32_t z_x = parts.input.params.zero_point, z_y = parts.output.params.zero_point;
  copy_patch(q_x.data(), picture, conv.real.window, {0, picture.channels}, at, at,
             static_cast<std::uint8_t>(z_x), patch.data());
  const float factor = conv.norm ? fold_factor(*conv.norm)[0] : 1.0F, s_w = weight.scale(0);
  std::printf("  f = %s, s_w = %s, s_x = %s, z_x = %d\n", general(factor, 7).c_str(),
              general(s_w, 7).c_str(), general(parts.input.params.scale, 7).c_str(), z_x);
  Table table({"k", "w", "w_f = f w", "w_f / s_w", "q_w", "q_x", "(q_x - z_x) q_w"});
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < patch.size(); ++k) {
    const float w = conv.real.weight(0, k);
    const std::int32_t product = (patch[k] - z_x) * weight.q(0, k);
    sum += product;
    table.row({std::to_string(k), fixed(w, 6), fixed(w * factor, 6), fixed(w * factor / s_w, 3),
               std::to_string(weight.q(0, k)), std::to_string(patch[k]), std::to_string(product)});
  }
  table.print();
  const std::int32_t bias = parts.weights->bias(0);
  const float multiplier = parts.input.params.scale * s_w / parts.output.params.scale;
  std::printf("  sum %d, bias %d (%s folded), times s_x s_w / s_y = %s: %s, plus z_y = %d\n", sum,
              bias, general(folded_bias(conv)(0), 6).c_str(), general(multiplier, 7).c_str(),
              fixed(static_cast<float>(sum + bias) * multiplier, 3).c_str(), z_y);
  std::printf("  q_y = %d, clamped to %d..%d\n",
              q_y(0, (at * picture.width + at) * conv.real.outputs()), parts.output.range.qmin,
              parts.output.range.qmax);
}

}  // namespace qfs::ch22

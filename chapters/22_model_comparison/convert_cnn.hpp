// From a net trained with fake quantization to chapter 06's integers; and the third way to a
// quantized net, which for convolutions is hardly one: dynamic quantization.
#pragma once

#include "08_dynamic_quantization/dynamic.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "22_model_comparison/qat_cnn.hpp"

namespace qfs {

// Every layer by the scales that training has left, every ReLU in the clamp of what it follows
// (chapter 07), batch norm in the weights and biases. The net must be settled, or never trained:
// then this is post-training quantization.
QuantizedNet convert(const QatCnn& net);

// [dynamic_cnn]
// What PyTorch's quantize_dynamic makes of a net with convolutions: they stay in float, and the
// Linear at the end becomes chapter 08's dynamic_linear.
struct DynamicCnn {
  Cnn features{};       // all but the last layer, in float
  QuantizedNet head{};  // one dynamic_linear, from reals to reals
};
// Throws Error unless the last layer is a Linear.
DynamicCnn quantize_dynamic(const Cnn& cnn, WeightGranularity weights);

struct DynamicCnnBuffers {
  CnnBuffers features;
  NetBuffers head;
};
// The logits, B x classes. `packed` is pack(net.head, backend, dynamic_operations()).
const Matrix<float>& run(const DynamicCnn& net, const PackedNet& packed, const Matrix<float>& x,
                         DynamicCnnBuffers& buffers);
// [/dynamic_cnn]

}  // namespace qfs

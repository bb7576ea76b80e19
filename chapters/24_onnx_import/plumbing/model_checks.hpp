// What a model must keep to before its first node is read, and what is left of a net that is read.
#pragma once

#include <string>

#include "06_static_ptq/quantized_net.hpp"
#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

// Throws Error, which begins with `name`, unless the model has one input of pictures or of rows and
// one output; an opset that is read; each value one writer that stands before its readers, so that
// no graph goes round in a circle; and nothing of a size that no such net has.
void require_valid(const OnnxModel& model, const std::string& name);

// The input that is no initializer: old files list those among their inputs.
const OnnxValue& model_input(const OnnxModel& model);

// Whether the input's pictures are h x w x C, as TensorFlow's: its first reader, the edges of
// quantization left out, is a Transpose to ONNX's order.
bool has_channels_last(const OnnxModel& model);

// The net without operations, weights and tensors that its output does not depend on. The operation
// that writes `output` is its last.
QuantizedNet only_what_leads_to(QuantizedNet net, std::size_t output);

}  // namespace qfs

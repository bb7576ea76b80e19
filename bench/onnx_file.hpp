// The MLP as two ONNX files, so that ONNX Runtime runs the same net: its tensors and operators as
// protocol buffers, written by hand. Chapter 23 will teach the format.
#pragma once

#include <string>

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/quantized_net.hpp"

namespace qfs::bench {

// Gemm and Relu in turn, from "x" (batch x K) to "logits".
std::string onnx_of(const Mlp& mlp);

// The same with integers written as QuantizeLinear and DequantizeLinear round every Gemm (QDQ).
// `net` must be quantize, linear ..., dequantize: fused, a ReLU being the clamp of its linear.
std::string onnx_of(const QuantizedNet& net);

}  // namespace qfs::bench

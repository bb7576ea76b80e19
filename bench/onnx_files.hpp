// The nets as ONNX files (chapter 23), so that ONNX Runtime runs the same ones.
#pragma once

#include <string>

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/quantized_net.hpp"
#include "20_float_cnn/cnn.hpp"

namespace qfs::bench {

// Whether this was built with what chapter 23 needs. Elsewhere nothing is written.
bool can_write_onnx();

// A float net; and integers between QuantizeLinear and DequantizeLinear (QDQ).
void write_onnx(const std::string& path, const Mlp& net);
void write_onnx(const std::string& path, const Cnn& net);
void write_onnx(const std::string& path, const QuantizedNet& net);

}  // namespace qfs::bench

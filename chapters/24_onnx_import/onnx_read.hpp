// A quantized ONNX model as a net of ours. It is read from its first node to its last: what a name
// stands for is remembered, and where the numbers of an operator's inputs and of its output are
// known as integers, one operation of chapter 06's list is written.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/quantized_net.hpp"
#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

// What is read. Between these versions no operator of onnx_operators() has changed its meaning:
// what a version adds, or has said otherwise before, comes as an attribute, an input or a type, and
// those are refused one by one.
inline constexpr std::int64_t kOldestOpset = 11, kNewestOpset = 21;
// No tensor of one picture may be larger, and no model longer.
inline constexpr std::size_t kMaxOnnxElements = std::size_t{1} << 24;
inline constexpr std::size_t kMaxOnnxNodes = 10000;

// The net that computes what the model says, by the integers that ONNX Runtime computes with its
// optimizations on; runs by onnx_operations(). Activations of int8 become u8, 128 more; pictures
// lie as h x w x c, the input's too. `name` is the file's, for messages. Throws Error, which names
// the node or the tensor, where the model is broken or says anything that is not read.
QuantizedNet import_onnx(const OnnxModel& model, const std::string& name);
QuantizedNet import_onnx(const std::string& path);

// The operators that are read: "Conv", "com.microsoft QLinearAdd", ...
std::vector<std::string> onnx_operators();

}  // namespace qfs

// What each operation of a quantized net is in the words of ONNX: one row of a table for each kind,
// as chapter 06's table says what it does.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "23_onnx_export/onnx_write.hpp"
#include "23_onnx_export/plumbing/onnx_graph.hpp"

namespace qfs {

// [row]
// A net on its way to a graph.
struct OnnxExport {
  const QuantizedNet& net;
  OnnxOptions options{};
  OnnxGraph graph{};

  const TensorSpec& spec(std::size_t tensor) const { return net.tensors[tensor]; }
  std::string name(std::size_t tensor) const { return onnx_name(net, tensor); }
  // The names of a tensor's scale and zero point.
  std::vector<std::string> params(std::size_t tensor) {
    return graph.params(name(tensor), spec(tensor).params);
  }
};

// A row of the table. The net has been checked; `write` adds the nodes of one operation.
struct OnnxWriter {
  std::string_view kind;
  void (*write)(OnnxExport& e, const Operation& operation);
};
// [/row]

// Those of chapters 06, 08 and 21.
std::span<const OnnxWriter> onnx_writers();

}  // namespace qfs

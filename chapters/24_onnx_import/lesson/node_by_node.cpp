// Section 2: a file's nodes, and the list of operations that they become.
#include <cstdio>

#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {

void node_by_node(const Study& study, Lesson& lesson) {
  const Committed& mlp = study.files[0];
  section(2, mlp.name + ".onnx: what stands in it, and what it becomes");
  std::printf("  opset %lld; %zu nodes, %zu initializers; input %s, output %s\n",
              static_cast<long long>(mlp.model.opsets.at("")), mlp.model.nodes.size(),
              mlp.model.initializers.size(), type_text(mlp.model.inputs[0]).c_str(),
              type_text(mlp.model.outputs[0]).c_str());
  for (const OnnxNode& node : mlp.model.nodes)
    std::printf("    %s\n", line_of(mlp.model, node).c_str());
  Table table({"operation", "tensor", "scale", "zero point", "range", "weight"});
  for (const Operation& operation : mlp.net.operations) {
    const OperationParts parts = parts_of(mlp.net, operation);
    const TensorSpec& y = parts.output;
    const bool integers = y.type == DType::u8;
    table.row({line_of(operation), shape_text(y.shape) + (integers ? " u8" : " f32"),
               integers ? general(static_cast<double>(y.params.scale), 6) : "-",
               integers ? std::to_string(y.params.zero_point) : "-",
               integers ? std::to_string(y.range.qmin) + ".." + std::to_string(y.range.qmax) : "-",
               parts.weights == nullptr ? "-" : shape_text(parts.weights->weight.q)});
  }
  table.print();
  lesson.claims.expect(mlp.net.operations.size() == 5,
                       "three DequantizeLinear, a Gemm and a QuantizeLinear are one operation");
}

}  // namespace qfs::ch24

// Section 5: the whole net as a list of operations, before fuse and after.
#include <cstdio>

#include "07_layer_fusion/fuse.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

std::string reads_text(const Operation& operation) {
  std::string text;
  for (std::size_t input : operation.inputs)
    text += (text.empty() ? "" : " ") + std::to_string(input);
  return text;
}

std::string window_text(const QuantizedNet& net, const Operation& operation) {
  if (!operation.attributes.contains("window")) return "";
  const Window w = window_of(net, operation);
  return std::to_string(w.height) + " x " + std::to_string(w.width) + " / " +
         std::to_string(w.stride);
}

std::string range_text(const TensorSpec& tensor) {
  if (tensor.type != DType::u8) return "reals";
  return std::to_string(tensor.range.qmin) + ".." + std::to_string(tensor.range.qmax);
}

std::size_t count_kind(const QuantizedNet& net, std::string_view kind) {
  return static_cast<std::size_t>(std::ranges::count(net.operations, kind, &Operation::kind));
}

Table list_of(const QuantizedNet& net) {
  Table table(
      {"operation", "reads", "writes", "shape", "window / stride", "scale", "zero", "integers"});
  for (std::size_t i = 0; i < net.operations.size(); ++i) {
    const Operation& operation = net.operations[i];
    const TensorSpec& y = net.tensors[operation.output];
    const bool u8 = y.type == DType::u8;
    table.row({std::to_string(i + 1) + " " + operation.kind, reads_text(operation),
               std::to_string(operation.output), shape_text(std::span(y.shape)),
               window_text(net, operation), u8 ? fixed(static_cast<double>(y.params.scale), 5) : "",
               u8 ? std::to_string(y.params.zero_point) : "", range_text(y)});
  }
  return table;
}

}  // namespace

void operations_list(const Study& study, Lesson& lesson) {
  section(5, "The whole net in integers, before fuse and after");
  const TrainedNet& net = study.residual();
  const QuantizedNet before = quantize_cnn(net.folded, net.intervals, {}), after = fused(net);
  std::printf("  %s before: %zu operations, %zu relus; after:\n", net.name.c_str(),
              before.operations.size(), count_kind(before, "relu"));
  list_of(after).print();
  lesson.claims.expect(
      count_kind(after, "relu") == 0 &&
          after.operations.size() + count_kind(before, "relu") == before.operations.size(),
      "every relu is a clamp of the operation before it, of the sums too");
}

}  // namespace qfs::ch21

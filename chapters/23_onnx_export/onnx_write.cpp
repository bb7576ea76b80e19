#include "23_onnx_export/onnx_write.hpp"

#include <algorithm>

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "23_onnx_export/onnx_operations.hpp"

namespace qfs {

std::vector<std::size_t> nchw_positions(std::span<const std::size_t> shape) {
  std::vector<std::size_t> positions(element_count(shape));
  const std::size_t channels = shape.empty() || shape.back() == 0 ? 1 : shape.back(),
                    pixels = positions.size() / channels;
  for (std::size_t i = 0; i < positions.size(); ++i)
    positions[i] = i % channels * pixels + i / channels;  // (eq. 23.5)
  return positions;
}

namespace {

constexpr const char* kAdvice = "see chapter 23 for what can be said in ONNX";

void write(OnnxExport& e, const Operation& operation) {
  const auto row = std::ranges::find(onnx_writers(), operation.kind, &OnnxWriter::kind);
  if (row != onnx_writers().end()) return row->write(e, operation);
  std::string known;
  for (const OnnxWriter& writer : onnx_writers())
    known += (known.empty() ? "" : ", ") + std::string(writer.kind);
  fail(name_of(e.net, operation) + " has no form in ONNX here", operation.kind, "one of " + known,
       kAdvice);
}

// batch x K, or batch x c x h x w.
OnnxValue value_of(const QuantizedNet& net, std::size_t tensor) {
  const TensorSpec& spec = net.tensors[tensor];
  OnnxValue value{onnx_name(net, tensor), spec.type, {std::nullopt}};
  if (spec.shape.size() == 3) value.dims.emplace_back(spec.shape[2]);
  for (std::size_t d = 0; d < std::min<std::size_t>(spec.shape.size(), 2); ++d)
    value.dims.emplace_back(spec.shape[d]);
  return value;
}

// Makes more outputs of the graph: every tensor of integers that an operation writes, but the net's
// own output, which is one already; of a dynamic_linear its quantized input, a tensor that only the
// graph has.
void show_integers(OnnxExport& e) {
  for (const Operation& operation : e.net.operations) {
    const std::size_t x = operation.inputs[0];
    if (operation.kind == "dynamic_linear") {
      OnnxValue q = value_of(e.net, x);
      q.name += "_q";
      q.type = DType::u8;
      e.graph.model.outputs.push_back(std::move(q));
    } else if (e.spec(operation.output).type == DType::u8 &&
               &operation != &e.net.operations.back()) {
      e.graph.model.outputs.push_back(value_of(e.net, operation.output));
    }
  }
}

}  // namespace

std::string onnx_name(const QuantizedNet& net, std::size_t tensor) {
  if (tensor == 0) return "x";
  if (tensor == net.operations.back().output) return "logits";
  return "t" + std::to_string(tensor);
}

// [to_onnx]
OnnxModel to_onnx(const QuantizedNet& net, const OnnxOptions& options,
                  std::span<const OperationKind> table) {
  require_valid(net, table);
  OnnxExport e{net, options};
  for (const Operation& operation : net.operations) write(e, operation);
  e.graph.model.inputs = {value_of(net, 0)};
  e.graph.model.outputs = {value_of(net, net.operations.back().output)};
  if (options.show_integers) show_integers(e);
  return std::move(e.graph.model);
}
// [/to_onnx]

}  // namespace qfs

#include "24_onnx_import/onnx_read.hpp"

#include <algorithm>

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "24_onnx_import/net_reader.hpp"
#include "24_onnx_import/onnx_rows.hpp"
#include "24_onnx_import/plumbing/model_checks.hpp"
#include "24_onnx_import/plumbing/onnx_layouts.hpp"

namespace qfs {

const ReadValue& NetReader::input(const NodeReader& node, std::size_t i) const {
  return values.at(node.input(i));  // require_valid has seen that it is written
}

void NetReader::write(const NodeReader& node, ReadValue value, std::size_t output) {
  values.insert_or_assign(node.node().outputs[output], std::move(value));
}

std::size_t NetReader::add(Operation operation, TensorSpec output) {
  require(
      element_count(output.shape) <= kMaxOnnxElements, "a tensor of the net is too large",
      [&] { return shape_text(output.shape); },
      [] { return "at most " + std::to_string(kMaxOnnxElements) + " elements"; },
      "use smaller pictures");
  net.tensors.push_back(std::move(output));
  operation.output = net.tensors.size() - 1;
  net.operations.push_back(std::move(operation));
  return net.tensors.size() - 1;
}

// Who else reads the tensor has branched off from one of the names between its writer and the Clip,
// and that name has two readers.
bool NetReader::may_narrow(std::size_t tensor) const {
  if (net.operations.empty() || net.operations.back().output != tensor) return false;
  const auto is_shared = [&](const auto& entry) {
    const auto& [name, value] = entry;
    const auto* known = std::get_if<OnnxDequantized>(&value.what);
    const auto* integers =
        known != nullptr ? &known->integers : std::get_if<OnnxIntegers>(&value.what);
    const auto found = readers.find(name);
    return integers != nullptr && integers->tensor == tensor && found != readers.end() &&
           found->second > 1;
  };
  const std::string& writer = net.operations.back().kind;
  return (writer == "quantize_onnx" || find_kind(onnx_operations(), writer, "the net").clamps) &&
         std::ranges::none_of(values, is_shared);
}

namespace {

const std::vector<OnnxOperator>& all_operators() {
  static const std::vector<OnnxOperator> kTable = [] {
    std::vector<OnnxOperator> table;
    for (const auto rows :
         {qdq_operators(), qoperator_operators(), dynamic_operators(), clip_operators(),
          pool_operators(), shape_operators(), transpose_operators()})
      table.insert(table.end(), rows.begin(), rows.end());
    return table;
  }();
  return kTable;
}

std::string full_name(std::string_view domain, std::string_view op) {
  return (domain.empty() ? "" : std::string(domain) + " ") + std::string(op);
}

// Whatever is thrown on the way names the node: the checks of other chapters do not know it.
void read_by(const OnnxOperator& row, NetReader& reader, NodeReader& node) {
  try {
    row.read(reader, node);
    node.require_all_read();
  } catch (const Error& error) {
    const std::string text = error.what();
    if (text.find(node.name()) != std::string::npos) throw;
    throw Error(node.name() + ": " + text);
  }
}

// [read_node]
void read_node(NetReader& reader, const OnnxNode& node) {
  for (const OnnxOperator& row : all_operators())
    if (row.name == node.op && row.domain == node.domain) {
      NodeReader node_reader(node);
      return read_by(row, reader, node_reader);
    }
  std::string known;
  for (const std::string& name : onnx_operators()) known += (known.empty() ? "" : ", ") + name;
  fail(name_of(node) + ": this operator is not read", in_quotes(full_name(node.domain, node.op)),
       "one of " + known, "export a model of these, or compute this part elsewhere");
}
// [/read_node]

// Tensor 0, and what the graph calls it.
void start(NetReader& reader, const OnnxModel& model) {
  const OnnxValue& input = model_input(model);
  reader.batch = input.dims[0];
  for (const OnnxNode& node : model.nodes)
    for (const std::string& name : node.inputs) ++reader.readers[name];
  ++reader.readers[model.outputs[0].name];
  OnnxLayout layout;
  for (std::size_t d = 1; d < input.dims.size(); ++d) layout.dims.push_back(*input.dims[d]);
  if (layout.dims.size() == 3 && !has_channels_last(model))
    layout = layout_of({layout.dims[1], layout.dims[2], layout.dims[0]});
  reader.net.tensors.push_back({shape_in_memory(layout), input.type, {}, {0, 255}});
  const bool reals = input.type == DType::f32;
  if (reals)
    reader.values[input.name] = {OnnxReals{0}, layout};
  else
    reader.values[input.name] = {OnnxIntegers{0, input.type == DType::s8}, layout};
  reader.net.tensors[0].type = reals ? DType::f32 : DType::u8;
  reader.input_has_params = reals;
  for (const Record& tensor : model.initializers)
    reader.values[tensor.name] = {OnnxConstant{std::make_shared<Record>(tensor)}, {}};
}

// Writes what is still missing behind the graph's output; returns its tensor.
std::size_t finish(NetReader& reader, const OnnxValue& output, const std::string& file) {
  const ReadValue& value = reader.values.at(output.name);
  const std::string whose = file + ": the output " + in_quotes(output.name);
  require(!value.layout.channels_last || is_picture(value.layout),
          whose + " is a picture without its shape", shape_text(value.layout.dims),
          "the picture, or what a product makes of it", "end the model before its Flatten");
  if (const auto* known = std::get_if<OnnxDequantized>(&value.what))
    return reader.add({.kind = "dequantize", .inputs = {known->integers.tensor}},
                      {shape_in_memory(value.layout), DType::f32});
  if (const auto* integers = std::get_if<OnnxIntegers>(&value.what)) return integers->tensor;
  if (const auto* pending = std::get_if<OnnxPending>(&value.what))
    fail(whose + " is real: " + pending->node + " has no QuantizeLinear behind it",
         "a float operator", "QuantizeLinear, then DequantizeLinear",
         "quantize the model's output too: this is computed in float, by ONNX Runtime as well");
  OnnxNode end{.op = "the output", .inputs = {}, .outputs = {output.name}};
  return tensor_of_reals(reader, NodeReader(end), value);
}

}  // namespace

std::vector<std::string> onnx_operators() {
  std::vector<std::string> names;
  for (const OnnxOperator& row : all_operators()) names.push_back(full_name(row.domain, row.name));
  std::ranges::sort(names);
  return names;
}

QuantizedNet import_onnx(const OnnxModel& model, const std::string& name) {
  require_valid(model, name);
  NetReader reader;
  start(reader, model);
  for (const OnnxNode& node : model.nodes) read_node(reader, node);
  const std::size_t output = finish(reader, model.outputs[0], name);
  require(output != 0, name + ": the net does nothing", "its output is its input",
          "at least one operation", "export the model again");
  QuantizedNet net = only_what_leads_to(std::move(reader.net), output);
  const bool alone = reader.batch == std::size_t{1};  // a batch of one: a range for each row
  net = with_input(std::move(net), {.options = {.granularity = alone ? InputGranularity::per_row
                                                                     : InputGranularity::per_tensor,
                                                .rule = RangeRule::onnx}});
  require_valid(net, onnx_operations());
  return net;
}

QuantizedNet import_onnx(const std::string& path) { return import_onnx(load_onnx(path), path); }

}  // namespace qfs

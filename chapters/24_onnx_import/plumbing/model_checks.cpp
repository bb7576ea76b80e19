#include "24_onnx_import/plumbing/model_checks.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "07_layer_fusion/fuse.hpp"
#include "24_onnx_import/onnx_read.hpp"
#include "24_onnx_import/plumbing/node_reader.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "export the model again, or choose another exporter";

void require_opset(const OnnxModel& model, const std::string& file) {
  const auto found = model.opsets.find("");
  const std::int64_t version = found == model.opsets.end() ? 0 : found->second;
  require(kOldestOpset <= version && version <= kNewestOpset,
          file + ": its set of operators is too old, too new or not said", version,
          std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset),
          "export the model with opset 17");
  for (const OnnxNode& node : model.nodes) {
    const auto domain = model.opsets.find(node.domain);
    require(
        domain != model.opsets.end() && (node.domain != kMicrosoft || domain->second == 1),
        [&] { return file + ": " + name_of(node) + " is of operators whose version is not read"; },
        [&] { return in_quotes(node.domain); }, "one that the model declares; of com.microsoft 1",
        kAdvice);
  }
}

void require_input(const OnnxModel& model, const std::string& file) {
  std::size_t inputs = 0;
  for (const OnnxValue& value : model.inputs)
    if (find_initializer(model, value.name) == nullptr) ++inputs;
  require(inputs == 1 && model.outputs.size() == 1, file + ": another number of inputs or outputs",
          std::to_string(inputs) + " and " + std::to_string(model.outputs.size()), "one of each",
          "export the part of the model between two of them");
  const OnnxValue& input = model_input(model);
  const std::string whose = file + ": the input " + in_quotes(input.name);
  require(input.type == DType::f32 || input.type == DType::u8 || input.type == DType::s8,
          whose + " has a type that is not read", type_text(input), "f32, u8 or s8", kAdvice);
  require(input.dims.size() == 2 || input.dims.size() == 4,
          whose + " is neither rows of numbers nor pictures", input.dims.size(),
          "2 extents (N, K), or 4 (N, C, H, W)", kAdvice);
  std::size_t size = 1;
  for (std::size_t d = 0; d < input.dims.size(); ++d) {
    require(input.dims[d].has_value() || d == 0, whose + " has an extent without a number", d,
            "numbers; the batch alone may do without", "export the model for pictures of one size");
    if (!input.dims[d]) continue;
    const std::size_t extent = *input.dims[d];
    require(extent > 0 && extent <= kMaxOnnxElements / size, whose + " is empty or too large",
            extent, "1 to " + std::to_string(kMaxOnnxElements) + " numbers in all", kAdvice);
    if (d > 0) size *= extent;
  }
}

void require_tensor(const Record& tensor, const std::string& file) {
  const std::string whose = file + ": tensor " + in_quotes(tensor.name);
  require(!tensor.bytes.empty(), whose + " is empty", shape_text(tensor.dims),
          "at least one number", kAdvice);
  if (tensor.dtype != DType::f32) return;
  for (const float real : elements<float>(tensor))
    require(std::isfinite(real), whose + " holds a number that is not finite", real,
            "finite numbers", "look for a division by zero where it was made");
}

void require_sorted(const OnnxModel& model, const std::string& file) {
  std::set<std::string> written = {model_input(model).name}, later;
  const auto write = [&](const std::string& value, const std::string& writer) {
    require(
        written.insert(value).second,
        [&] { return file + ": " + in_quotes(value) + " has two writers"; }, writer,
        "a name of its own for each value", kAdvice);
  };
  for (const Record& tensor : model.initializers) write(tensor.name, "an initializer");
  for (const OnnxNode& node : model.nodes) later.insert(node.outputs.begin(), node.outputs.end());
  for (const OnnxNode& node : model.nodes) {
    for (const std::string& input : node.inputs)
      require(
          input.empty() || written.contains(input),
          [&] { return file + ": " + name_of(node) + " reads " + in_quotes(input); },
          later.contains(input) ? "what this node or a later one writes" : "what nothing writes",
          "the input, an initializer, or what a node before it writes",
          "sort the nodes, or add what is missing");
    for (const std::string& output : node.outputs)
      if (!output.empty()) write(output, name_of(node));
  }
  require(written.contains(model.outputs[0].name) && !model.outputs[0].name.empty(),
          file + ": its output is written by no node", in_quotes(model.outputs[0].name),
          "a value of the graph", kAdvice);
}

}  // namespace

const OnnxValue& model_input(const OnnxModel& model) {
  return *std::ranges::find_if(model.inputs, [&](const OnnxValue& value) {
    return find_initializer(model, value.name) == nullptr;
  });
}

bool has_channels_last(const OnnxModel& model) {
  std::string value = model_input(model).name;
  for (const OnnxNode& node : model.nodes) {
    if (node.inputs.empty() || node.inputs[0] != value || node.outputs.empty()) continue;
    if (node.op == "Transpose") {
      const auto found = node.attributes.find("perm");
      if (found == node.attributes.end()) return false;
      const auto* perm = std::get_if<std::vector<std::int64_t>>(&found->second);
      return perm != nullptr && *perm == std::vector<std::int64_t>{0, 3, 1, 2};
    }
    if (node.op != "QuantizeLinear" && node.op != "DequantizeLinear") return false;
    value = node.outputs[0];
  }
  return false;
}

void require_valid(const OnnxModel& model, const std::string& name) {
  require(!model.nodes.empty() && model.nodes.size() <= kMaxOnnxNodes,
          name + ": a graph without nodes, or with too many", model.nodes.size(),
          "1 to " + std::to_string(kMaxOnnxNodes), kAdvice);
  require_opset(model, name);
  require_input(model, name);
  for (const Record& tensor : model.initializers) require_tensor(tensor, name);
  for (const OnnxNode& node : model.nodes)
    for (const auto& [attribute, value] : node.attributes)
      if (const auto* tensor = std::get_if<Record>(&value)) require_tensor(*tensor, name);
  require_sorted(model, name);
}

QuantizedNet only_what_leads_to(QuantizedNet net, std::size_t output) {
  std::vector<bool> needed(net.tensors.size(), false);
  needed[output] = true;
  std::vector<Operation> operations;
  for (std::size_t i = net.operations.size(); i-- > 0;) {
    Operation& operation = net.operations[i];
    if (!needed[operation.output]) continue;
    for (const std::size_t input : operation.inputs) needed[input] = true;
    operations.push_back(std::move(operation));
  }
  std::ranges::reverse(operations);
  std::vector<Weights> weights;
  for (Operation& operation : operations)
    if (operation.weights) {
      weights.push_back(std::move(net.weights[*operation.weights]));
      operation.weights = weights.size() - 1;
    }
  net.operations = std::move(operations);
  net.weights = std::move(weights);
  return without_unused_tensors(std::move(net));
}

}  // namespace qfs

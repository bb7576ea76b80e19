#include "24_onnx_import/plumbing/node_reader.hpp"

#include <algorithm>

namespace qfs {
namespace {

constexpr const char* kAdvice = "export the model without it, or keep it in float";

}  // namespace

std::string name_of(const OnnxNode& node) {
  const bool by_name = !node.name.empty() || node.outputs.empty();
  const std::string op = in_quotes(node.op);
  return "node " + in_quotes(by_name ? node.name : node.outputs[0]) + " (" +
         op.substr(1, op.size() - 2) + ")";
}

bool NodeReader::has(std::size_t i) const {
  return i < node_.inputs.size() && !node_.inputs[i].empty();
}

const std::string& NodeReader::input(std::size_t i) const {
  if (!has(i))
    refuse("lacks an input", "no input " + std::to_string(i + 1), "one", "export the model again");
  return node_.inputs[i];
}

void NodeReader::require_ends(std::size_t least_inputs, std::size_t most_inputs,
                              std::size_t outputs) {
  const std::size_t inputs = node_.inputs.size();
  const auto is_empty = [](const std::string& name) { return name.empty(); };
  if (inputs < least_inputs || inputs > most_inputs || node_.outputs.size() != outputs ||
      std::ranges::any_of(node_.outputs, is_empty))
    refuse("has another number of inputs or outputs",
           std::to_string(inputs) + " and " + std::to_string(node_.outputs.size()),
           std::to_string(least_inputs) + " to " + std::to_string(most_inputs) + " and " +
               std::to_string(outputs),
           "export the model again");
}

template <class T>
const T* NodeReader::find(const std::string& attribute) {
  read_.insert(attribute);
  const auto found = node_.attributes.find(attribute);
  if (found == node_.attributes.end()) return nullptr;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr)
    refuse("has an attribute of another type than its operator says", in_quotes(attribute),
           "the type of ONNX's description of it", "export the model again");
  return value;
}

std::int64_t NodeReader::integer(const std::string& attribute, std::int64_t otherwise) {
  const auto* value = find<std::int64_t>(attribute);
  return value == nullptr ? otherwise : *value;
}

float NodeReader::real(const std::string& attribute, float otherwise) {
  const auto* value = find<float>(attribute);
  return value == nullptr ? otherwise : *value;
}

std::string NodeReader::text(const std::string& attribute, const std::string& otherwise) {
  const auto* value = find<std::string>(attribute);
  return value == nullptr ? otherwise : *value;
}

std::vector<std::int64_t> NodeReader::integers(const std::string& attribute,
                                               std::vector<std::int64_t> otherwise) {
  const auto* value = find<std::vector<std::int64_t>>(attribute);
  return value == nullptr ? std::move(otherwise) : *value;
}

const Record* NodeReader::tensor(const std::string& attribute) { return find<Record>(attribute); }

void NodeReader::require_integer(const std::string& attribute, std::int64_t value) {
  const std::int64_t got = integer(attribute, value);
  if (got != value)
    refuse("has an attribute " + in_quotes(attribute) + " that is not read", std::to_string(got),
           std::to_string(value), kAdvice);
}

void NodeReader::require_all_read() const {
  for (const auto& [name, value] : node_.attributes)
    if (!read_.contains(name))
      refuse("has an attribute that is not read", in_quotes(name), "none but those of opset 13",
             kAdvice);
}

void NodeReader::refuse(const std::string& what, const std::string& got,
                        const std::string& expected, const std::string& what_to_do) const {
  fail(name() + " " + what, got, expected, what_to_do);
}

}  // namespace qfs

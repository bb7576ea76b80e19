// What the tests of chapters 23 and 24 ask of an ONNX model: its nodes as text, and whether two
// models are the same.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "23_onnx_export/onnx_model.hpp"

namespace qfs::test {

// "Gemm x w b -> y": what a node reads and writes; the domain stands before a name that is not
// ONNX's.
inline std::vector<std::string> lines_of(const OnnxModel& model) {
  std::vector<std::string> lines;
  for (const OnnxNode& node : model.nodes) {
    std::string line = (node.domain.empty() ? "" : node.domain + ".") + node.op;
    for (const std::string& input : node.inputs) line += " " + input;
    line += " ->";
    for (const std::string& output : node.outputs) line += " " + output;
    lines.push_back(line);
  }
  return lines;
}

inline bool same(const Record& a, const Record& b) {
  return a.name == b.name && a.dtype == b.dtype && a.dims == b.dims && a.bytes == b.bytes;
}
inline bool same(const OnnxAttribute& a, const OnnxAttribute& b) {
  if (a.index() != b.index()) return false;
  if (const auto* record = std::get_if<Record>(&a)) return same(*record, std::get<Record>(b));
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, Record>)
          return false;
        else
          return value == std::get<T>(b);
      },
      a);
}
inline bool same(const OnnxNode& a, const OnnxNode& b) {
  if (a.op != b.op || a.domain != b.domain || a.inputs != b.inputs || a.outputs != b.outputs ||
      a.attributes.size() != b.attributes.size())
    return false;
  for (const auto& [name, value] : a.attributes) {
    const auto found = b.attributes.find(name);
    if (found == b.attributes.end() || !same(value, found->second)) return false;
  }
  return true;
}
inline bool same(const OnnxValue& a, const OnnxValue& b) {
  return a.name == b.name && a.type == b.type && a.dims == b.dims;
}

// "" where both lists hold the same, else where they first differ.
template <class T>
std::string difference_of(const std::string& what, const std::vector<T>& got,
                          const std::vector<T>& expected) {
  if (got.size() != expected.size())
    return "got " + std::to_string(got.size()) + " " + what + ", expected " +
           std::to_string(expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!same(got[i], expected[i])) return what + ": number " + std::to_string(i) + " differs";
  return "";
}

// "" where two models are the same but for the names of their nodes, which mean nothing.
inline std::string model_difference(const OnnxModel& got, const OnnxModel& expected) {
  std::string text = got.opsets == expected.opsets ? "" : "other versions; ";
  if (got.ir_version != expected.ir_version) text += "another ir_version; ";
  return text + difference_of("nodes", got.nodes, expected.nodes) +
         difference_of("initializers", got.initializers, expected.initializers) +
         difference_of("inputs", got.inputs, expected.inputs) +
         difference_of("outputs", got.outputs, expected.outputs);
}

// The numbers of an initializer that must be there.
template <class T>
std::vector<T> numbers_of(const OnnxModel& model, const std::string& name) {
  const Record* tensor = find_initializer(model, name);
  require(tensor != nullptr, "no such initializer", name, "one of the model's",
          "look at the names");
  return elements<T>(*tensor);
}

}  // namespace qfs::test

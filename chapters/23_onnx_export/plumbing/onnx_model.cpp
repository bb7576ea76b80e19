#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

std::string_view name_of(DType type) {
  switch (type) {
    case DType::u8:
      return "u8";
    case DType::s8:
      return "s8";
    case DType::s32:
      return "s32";
    case DType::s64:
      return "s64";
    case DType::f32:
      return "f32";
    case DType::f64:
      return "f64";
  }
  return "no type";
}

const Record* find_initializer(const OnnxModel& model, std::string_view name) {
  const auto found = std::ranges::find(model.initializers, name, &Record::name);
  return found == model.initializers.end() ? nullptr : &*found;
}

const OnnxNode* find_writer(const OnnxModel& model, std::string_view name) {
  const auto found = std::ranges::find_if(model.nodes, [&](const OnnxNode& node) {
    return std::ranges::find(node.outputs, name) != node.outputs.end();
  });
  return found == model.nodes.end() ? nullptr : &*found;
}

std::string type_text(const OnnxValue& value) {
  std::string text = std::string(name_of(value.type)) + " [";
  for (std::size_t d = 0; d < value.dims.size(); ++d)
    text += (d > 0 ? ", " : "") + (value.dims[d] ? std::to_string(*value.dims[d]) : "batch");
  return text + "]";
}

std::string type_text(const Record& tensor) {
  OnnxValue value{tensor.name, tensor.dtype, {}};
  value.dims.assign(tensor.dims.begin(), tensor.dims.end());
  return type_text(value);
}

std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  std::string text = "'";
  for (const char letter : name.substr(0, kLongest))
    text += letter >= ' ' && letter <= '~' ? letter : '?';
  return text + (name.size() > kLongest ? "...'" : "'");
}

}  // namespace qfs

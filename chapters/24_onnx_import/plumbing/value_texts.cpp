#include "24_onnx_import/plumbing/value_texts.hpp"

#include <array>
#include <charconv>

namespace qfs {
namespace {

// The shortest text that is read back as this number.
std::string exact(float number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end.ptr};
}

const char* text_of(OnnxDynamic::Step step) {
  switch (step) {
    case OnnxDynamic::Step::integers:
      return "integers of DynamicQuantizeLinear";
    case OnnxDynamic::Step::scale:
      return "a scale of DynamicQuantizeLinear";
    case OnnxDynamic::Step::zero_point:
      return "a zero point of DynamicQuantizeLinear";
    case OnnxDynamic::Step::sums:
      return "sums of MatMulInteger, which have no scale";
    case OnnxDynamic::Step::real_sums:
      return "sums of MatMulInteger as reals, not yet times their scale";
    case OnnxDynamic::Step::scale_product:
      return "the product of two scales";
    case OnnxDynamic::Step::reals:
      return "reals of a dynamic product";
  }
  return "a value";
}

struct WhatIs {
  std::string operator()(const OnnxConstant&) const { return "a tensor of the file"; }
  std::string operator()(const OnnxWeight&) const { return "a dequantized tensor of the file"; }
  std::string operator()(const OnnxIntegers&) const { return "integers without DequantizeLinear"; }
  std::string operator()(const OnnxReals&) const { return "an input without DequantizeLinear"; }
  std::string operator()(const OnnxDequantized&) const { return "integers as reals"; }
  std::string operator()(const OnnxPending& p) const {
    return p.node + " has no QuantizeLinear behind it";
  }
  std::string operator()(const OnnxDynamic& d) const { return text_of(d.step); }
};

}  // namespace

std::string text_of(const OnnxParams& params) {
  const auto& [scale, zero_point] = params.params;
  return "scale " + exact(scale) + ", zero point " +
         std::to_string(zero_point - (params.is_signed ? 128 : 0)) +
         (params.is_signed ? " (s8)" : " (u8)");
}

std::string text_of(const Record& tensor) {
  return in_quotes(tensor.name) + " " + type_text(tensor);
}

std::string text_of(const ReadValue& value) { return std::visit(WhatIs{}, value.what); }

std::string text_of_inputs(const NetReader& reader, const NodeReader& node) {
  std::string text;
  for (std::size_t i = 0; i < node.node().inputs.size(); ++i)
    if (node.has(i))
      text += (text.empty() ? "" : "; ") + in_quotes(node.input(i)) + ": " +
              text_of(reader.input(node, i));
  return text;
}

}  // namespace qfs

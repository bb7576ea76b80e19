// Clip: a narrower range.
#include <algorithm>

#include "24_onnx_import/plumbing/onnx_constants.hpp"

namespace qfs {
namespace {

// An end of a Clip, as an integer of our net; or what counts where it is left out.
std::int32_t end_of(const NetReader& reader, const NodeReader& node, std::size_t i, bool is_signed,
                    std::int32_t otherwise) {
  if (!node.has(i)) return otherwise;
  const auto* constant = std::get_if<OnnxConstant>(&reader.input(node, i).what);
  const DType type = is_signed ? DType::s8 : DType::u8;
  if (constant == nullptr || constant->tensor->dtype != type)
    node.refuse("has ends that are not read", in_quotes(node.input(i)),
                "integers of the file, of the input's type", "export the model again");
  const OnnxWeight end = unscaled_weight_of(reader, node, i, 3);
  if (end.q.size() != 1)
    node.refuse("has ends that are not read", in_quotes(end.name), "one integer each",
                "export the model again");
  return std::clamp(end.q[0] + (is_signed ? 128 : 0), 0, 255);
}

// A narrower range of integers. What clamps already clamps to it; and where nothing below the zero
// point is left, that is a relu.
void read_clip(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 3);
  ReadValue y = reader.input(node, 0);
  auto* integers = std::get_if<OnnxIntegers>(&y.what);
  if (integers == nullptr)
    node.refuse("clips reals", in_quotes(node.input(0)), "integers", "clip behind QuantizeLinear");
  TensorSpec& tensor = reader.net.tensors[integers->tensor];
  const QuantRange range{
      std::max(tensor.range.qmin, end_of(reader, node, 1, integers->is_signed, 0)),
      std::min(tensor.range.qmax, end_of(reader, node, 2, integers->is_signed, 255))};
  const std::int32_t zero = tensor.params.zero_point;
  if (range.qmin == zero && range.qmax == tensor.range.qmax && zero > tensor.range.qmin) {
    TensorSpec output = tensor;
    output.range = range;
    integers->tensor = reader.add({.kind = "relu", .inputs = {integers->tensor}}, output);
  } else if (range != tensor.range) {
    if (range.qmin > zero || zero > range.qmax || !reader.may_narrow(node, integers->tensor))
      node.refuse("has a range that is not read",
                  std::to_string(range.qmin) + ".." + std::to_string(range.qmax),
                  "one that contains the zero point, behind an operator whose output nobody else "
                  "reads",
                  "export the model without it");
    tensor.range = range;
  }
  reader.write(node, std::move(y));
}

constexpr OnnxOperator kOperators[] = {{"Clip", "", read_clip}};

}  // namespace

std::span<const OnnxOperator> clip_operators() { return kOperators; }

}  // namespace qfs

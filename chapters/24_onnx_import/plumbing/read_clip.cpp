// Clip: a narrower range.
#include <algorithm>

#include "24_onnx_import/plumbing/onnx_constants.hpp"
#include "24_onnx_import/plumbing/value_texts.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "export the model without it";

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

// The same of a Clip of reals.
float real_end_of(const NetReader& reader, const NodeReader& node, std::size_t i, float otherwise) {
  if (!node.has(i)) return otherwise;
  const auto* constant = std::get_if<OnnxConstant>(&reader.input(node, i).what);
  if (constant == nullptr || constant->tensor->dtype != DType::f32 ||
      element_count(constant->tensor->dims) != 1)
    node.refuse("has ends that are not read", in_quotes(node.input(i)), "one f32 of the file each",
                kAdvice);
  return elements<float>(*constant->tensor)[0];
}

// ReLU6 and others: a product that waits is cut off where its integers are written. Rounding keeps
// the order, so that the ends' integers are the ends of the integers (chapter 07).
void clip_reals(const NetReader& reader, const NodeReader& node, OnnxPending& pending) {
  const float low = real_end_of(reader, node, 1, pending.low),
              high = real_end_of(reader, node, 2, pending.high);
  if (!(low <= 0.0F && 0.0F <= high))
    node.refuse("has a range that is not read", to_message(low) + ".." + to_message(high),
                "one that contains 0", kAdvice);
  pending.low = std::max(pending.low, low);
  pending.high = std::min(pending.high, high);
}

// A narrower range of integers. What clamps already clamps to it; and where nothing below the zero
// point is left, that is a relu.
void clip_integers(NetReader& reader, const NodeReader& node, OnnxIntegers& integers) {
  TensorSpec& tensor = reader.net.tensors[integers.tensor];
  const QuantRange range{
      std::max(tensor.range.qmin, end_of(reader, node, 1, integers.is_signed, 0)),
      std::min(tensor.range.qmax, end_of(reader, node, 2, integers.is_signed, 255))};
  const std::int32_t zero = tensor.params.zero_point, shift = integers.is_signed ? 128 : 0;
  if (range.qmin == zero && range.qmax == tensor.range.qmax && zero > tensor.range.qmin) {
    TensorSpec output = tensor;
    output.range = range;
    integers.tensor = reader.add({.kind = "relu", .inputs = {integers.tensor}}, output);
  } else if (range != tensor.range) {
    if (range.qmin > zero || zero > range.qmax || !reader.may_narrow(integers.tensor))
      node.refuse("has a range that is not read",
                  std::to_string(range.qmin - shift) + ".." + std::to_string(range.qmax - shift),
                  "one that contains the zero point, " + std::to_string(zero - shift) +
                      ", behind an operator whose output nobody else reads",
                  kAdvice);
    tensor.range = range;
  }
}

void read_clip(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 3);
  ReadValue y = reader.input(node, 0);
  if (auto* pending = std::get_if<OnnxPending>(&y.what))
    clip_reals(reader, node, *pending);
  else if (auto* integers = std::get_if<OnnxIntegers>(&y.what))
    clip_integers(reader, node, *integers);
  else
    node.refuse("clips reals", in_quotes(node.input(0)) + ", " + text_of(y),
                "integers, or a product", "clip behind QuantizeLinear");
  reader.write(node, std::move(y));
}

constexpr OnnxOperator kOperators[] = {{"Clip", "", read_clip}};

}  // namespace

std::span<const OnnxOperator> clip_operators() { return kOperators; }

}  // namespace qfs

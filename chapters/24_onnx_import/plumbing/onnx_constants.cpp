#include "24_onnx_import/plumbing/onnx_constants.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "quantize the model again";

const Record& constant_of(const NetReader& reader, const NodeReader& node, std::size_t i) {
  const auto* constant = std::get_if<OnnxConstant>(&reader.input(node, i).what);
  if (constant == nullptr)
    node.refuse("needs a tensor of the file", in_quotes(node.input(i)), "an initializer",
                "export the model with its scales and weights inside");
  return *constant->tensor;
}

std::string text_of(const Record& tensor) {
  return in_quotes(tensor.name) + " " + type_text(tensor);
}

// Integers of any type that is read, as 32-bit ones.
std::vector<std::int32_t> integers_of(const NodeReader& node, const Record& tensor) {
  const auto widened = [](const auto& q) { return std::vector<std::int32_t>(q.begin(), q.end()); };
  if (tensor.dtype == DType::u8) return widened(elements<std::uint8_t>(tensor));
  if (tensor.dtype == DType::s8) return widened(elements<std::int8_t>(tensor));
  if (tensor.dtype == DType::s32) return elements<std::int32_t>(tensor);
  node.refuse("needs integers", text_of(tensor), "u8, s8, or s32 for a bias", kAdvice);
}

// Zero point i of n, where a stretch of `stride` integers shares one.
void take_off(const NodeReader& node, const Record& tensor, const Record& zeros, std::size_t most,
              std::size_t stride, std::vector<std::int32_t>& q) {
  const std::vector<std::int32_t> z = integers_of(node, zeros);
  if (zeros.dtype != tensor.dtype || zeros.dims.size() > 1 || (z.size() != 1 && z.size() != most))
    node.refuse("has zero points that do not fit its tensor", text_of(zeros),
                "those of " + text_of(tensor), kAdvice);
  for (std::size_t i = 0; i < q.size(); ++i)
    if (__builtin_sub_overflow(q[i], z[i / stride % z.size()], &q[i]))
      node.refuse("has a tensor that 32 bits do not hold", text_of(tensor), "q - z", kAdvice);
}

}  // namespace

std::vector<float> scales_of(const NetReader& reader, const NodeReader& node, std::size_t scale) {
  const Record& tensor = constant_of(reader, node, scale);
  if (tensor.dtype != DType::f32 || tensor.dims.size() > 1 || tensor.bytes.empty())
    node.refuse("has scales that are not read", text_of(tensor), "f32 [] or [N]", kAdvice);
  std::vector<float> scales = elements<float>(tensor);
  for (const float s : scales) require_scale(s, node.name() + ", tensor " + in_quotes(tensor.name));
  return scales;
}

// int8 becomes u8: integers and zero point 128 more, so that every q - z stays (eq. 24.3).
OnnxParams read_params(const NetReader& reader, const NodeReader& node, std::size_t scale,
                       std::size_t zero_point) {
  const std::vector<float> scales = scales_of(reader, node, scale);
  OnnxParams read;
  std::vector<std::int32_t> zero_points = {0};
  if (node.has(zero_point)) {
    const Record& tensor = constant_of(reader, node, zero_point);
    zero_points = integers_of(node, tensor);
    read.is_signed = tensor.dtype == DType::s8;
    if (tensor.dtype == DType::s32)
      node.refuse("has activations of another type", text_of(tensor), "u8 or s8", kAdvice);
  }
  if (scales.size() != 1 || zero_points.size() != 1)
    node.refuse("has activations with another number of scales or zero points",
                std::to_string(scales.size()) + " and " + std::to_string(zero_points.size()),
                "one of each", "quantize activations per tensor");
  read.params = {scales[0], zero_points[0] + (read.is_signed ? 128 : 0)};
  return read;
}

// [weight_of]
// What counts is q - z: unsigned weights of zero point 128 are signed ones of 0 (eq. 24.4).
OnnxWeight weight_of(const NetReader& reader, const NodeReader& node, std::size_t q,
                     std::size_t scale, std::size_t zero_point, std::int64_t axis) {
  const Record& tensor = constant_of(reader, node, q);
  OnnxWeight weight;
  weight.q = integers_of(node, tensor);
  weight.dims = tensor.dims;
  weight.scale = scales_of(reader, node, scale);
  weight.name = tensor.name;
  if (axis < 0) axis += static_cast<std::int64_t>(tensor.dims.size());
  weight.axis = static_cast<std::size_t>(axis);
  const std::size_t scales = weight.scale.size();
  if (scales != 1 && (weight.axis >= tensor.dims.size() || tensor.dims[weight.axis] != scales))
    node.refuse("has scales that do not fit its tensor",
                std::to_string(scales) + " along axis " + std::to_string(axis),
                "one, or one for each index of an axis of " + text_of(tensor), kAdvice);
  std::size_t stride = 1;
  for (std::size_t d = weight.axis + 1; d < tensor.dims.size(); ++d) stride *= tensor.dims[d];
  if (node.has(zero_point))
    take_off(node, tensor, constant_of(reader, node, zero_point), scales, stride, weight.q);
  return weight;
}
// [/weight_of]

OnnxWeight unscaled_weight_of(const NetReader& reader, const NodeReader& node, std::size_t q,
                              std::size_t zero_point) {
  const Record& tensor = constant_of(reader, node, q);
  OnnxWeight weight{
      .q = integers_of(node, tensor), .dims = tensor.dims, .axis = 1, .name = tensor.name};
  if (node.has(zero_point)) {
    const Record& zeros = constant_of(reader, node, zero_point);
    const bool one_each = tensor.dims.size() == 2 && zeros.bytes.size() > 1;
    take_off(node, tensor, zeros, one_each ? tensor.dims[1] : 1, 1, weight.q);
  }
  return weight;
}

std::int8_t s8_of(const NodeReader& node, const OnnxWeight& weight, std::size_t i) {
  const std::int32_t q = weight.q[i];
  if (q < -128 || q > 127)
    node.refuse("has weights that are not s8 once their zero point is taken off",
                to_message(q) + " in tensor " + in_quotes(weight.name), "-128..127",
                "quantize weights symmetrically");
  return static_cast<std::int8_t>(q);
}

void require_scales_of_outputs(const NodeReader& node, const OnnxWeight& weight, std::size_t N,
                               std::size_t axis_of_outputs) {
  const std::size_t scales = weight.scale.size();
  if (scales != 1 && (weight.axis != axis_of_outputs || scales != N))
    node.refuse("has a scale for each input of a product, not for each output",
                in_quotes(weight.name) + ", axis " + std::to_string(weight.axis),
                "axis " + std::to_string(axis_of_outputs), "quantize weights per output channel");
}

}  // namespace qfs

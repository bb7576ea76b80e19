#include "24_onnx_import/plumbing/onnx_constants.hpp"

#include "24_onnx_import/plumbing/value_texts.hpp"

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

// How many numbers in a row share one of `scales` scales, or zero points, along `axis`, which may
// count from the last.
std::size_t stride_of(const NodeReader& node, const Record& tensor, std::size_t scales,
                      std::int64_t& axis) {
  if (axis < 0) axis += static_cast<std::int64_t>(tensor.dims.size());
  const auto along = static_cast<std::size_t>(axis);
  if (scales != 1 && (along >= tensor.dims.size() || tensor.dims[along] != scales))
    node.refuse("has scales that do not fit its tensor",
                std::to_string(scales) + " along axis " + std::to_string(axis),
                "one, or one for each index of an axis of " + text_of(tensor), kAdvice);
  std::size_t stride = 1;
  for (std::size_t d = along + 1; d < tensor.dims.size(); ++d) stride *= tensor.dims[d];
  return stride;
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
  const std::size_t stride = stride_of(node, tensor, weight.scale.size(), axis);
  weight.axis = static_cast<std::size_t>(axis);
  if (node.has(zero_point))
    take_off(node, tensor, constant_of(reader, node, zero_point), weight.scale.size(), stride,
             weight.q);
  return weight;
}
// [/weight_of]

// By ONNX's rounding, which divides (eq. 24.6). What DequantizeLinear then reads are the integers.
OnnxConstant quantized_constant(const NetReader& reader, const NodeReader& node,
                                std::int64_t axis) {
  const Record& real = constant_of(reader, node, 0);
  if (real.dtype != DType::f32)
    node.refuse("quantizes a tensor that is not real", text_of(real), "f32", kAdvice);
  const std::vector<float> x = elements<float>(real), scale = scales_of(reader, node, 1);
  const std::size_t stride = stride_of(node, real, scale.size(), axis);
  Record q{real.name, DType::u8, real.dims, {}};
  std::vector<std::int32_t> z = {0};
  if (node.has(2)) {
    const Record& zeros = constant_of(reader, node, 2);
    z = integers_of(node, zeros);
    q.dtype = zeros.dtype;
    if (q.dtype == DType::s32 || (z.size() != 1 && z.size() != scale.size()))
      node.refuse("has zero points that do not fit its scales", text_of(zeros),
                  "u8 or s8, one for each scale", kAdvice);
  }
  const QuantRange range = q.dtype == DType::s8 ? QuantRange{-128, 127} : QuantRange{0, 255};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t s = i / stride % scale.size();
    const QuantParams params{scale[s], z[s % z.size()]};
    q.bytes.push_back(static_cast<std::byte>(  // of s8 the two's complement
        quantize_value(x[i], params, range, Rounding::half_even_divide)));
  }
  return {std::make_shared<Record>(std::move(q))};
}

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

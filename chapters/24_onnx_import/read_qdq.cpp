// QDQ: float operators between DequantizeLinear and QuantizeLinear.
#include <algorithm>

#include "24_onnx_import/plumbing/onnx_constants.hpp"
#include "24_onnx_import/plumbing/onnx_layouts.hpp"

namespace qfs {
namespace {

bool is_constant(const ReadValue& value) {
  return std::holds_alternative<OnnxConstant>(value.what);
}

const OnnxWeight& weight_input(const NetReader& reader, const NodeReader& node, std::size_t i) {
  const auto* weight = std::get_if<OnnxWeight>(&reader.input(node, i).what);
  if (weight == nullptr)
    node.refuse("needs weights from DequantizeLinear", in_quotes(node.input(i)),
                "integers of the file with their scale", "quantize the model's weights");
  return *weight;
}

// A float tensor of the file, quantized in the graph: its integers, and what DequantizeLinear then
// reads, are known now. By ONNX's rounding.
OnnxConstant quantized_constant(const NetReader& reader, const NodeReader& node) {
  const Record& real = *std::get<OnnxConstant>(reader.input(node, 0).what).tensor;
  const OnnxParams read = read_params(reader, node, 1, 2);
  const std::int32_t shift = read.is_signed ? 128 : 0;
  std::vector<std::int8_t> signed_q;
  std::vector<std::uint8_t> q;
  for (const float x : elements<float>(real)) {
    const std::int32_t integer =
        quantize_value(x, read.params, {0, 255}, Rounding::half_even_divide);
    signed_q.push_back(static_cast<std::int8_t>(integer - shift));
    q.push_back(static_cast<std::uint8_t>(integer));
  }
  return {std::make_shared<Record>(
      read.is_signed
          ? make_initializer(real.name, std::span<const std::int8_t>(signed_q), real.dims)
          : make_initializer(real.name, std::span<const std::uint8_t>(q), real.dims))};
}

void read_quantize_linear(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 3);
  node.integer("axis", 1);  // of scales that are several; there is one
  node.require_integer("saturate", 1);
  const ReadValue& x = reader.input(node, 0);
  if (is_constant(x)) return reader.write(node, {quantized_constant(reader, node), {}});
  reader.write(node, quantized(reader, node, x, read_params(reader, node, 1, 2)));
}

void read_dequantize_linear(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 3);
  const std::int64_t axis = node.integer("axis", 1);
  const ReadValue& q = reader.input(node, 0);
  if (is_constant(q)) return reader.write(node, {weight_of(reader, node, 0, 1, 2, axis), {}});
  reader.write(node, dequantized(reader, node, q, read_params(reader, node, 1, 2)));
}

void read_conv(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 3);
  ReadValue y = conv_of(reader, node, reader.input(node, 0), weight_input(reader, node, 1));
  if (node.has(2)) add_bias(node, std::get<OnnxPending>(y.what), weight_input(reader, node, 2));
  reader.write(node, std::move(y));
}

void read_gemm(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 3);
  node.require_integer("transA", 0);
  if (node.real("alpha", 1.0F) != 1.0F || node.real("beta", 1.0F) != 1.0F)
    node.refuse("has a factor that is not read", "alpha or beta", "1", "put it into the scales");
  const bool outputs_first = node.integer("transB", 0) != 0;
  ReadValue y =
      linear_of(reader, node, reader.input(node, 0), weight_input(reader, node, 1), outputs_first);
  if (node.has(2)) add_bias(node, std::get<OnnxPending>(y.what), weight_input(reader, node, 2));
  reader.write(node, std::move(y));
}

void read_mat_mul(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  reader.write(
      node, linear_of(reader, node, reader.input(node, 0), weight_input(reader, node, 1), false));
}

// A sum of two tensors, or a product's bias; of a dynamic product too.
void read_add(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  const ReadValue *a = &reader.input(node, 0), *b = &reader.input(node, 1);
  if (std::holds_alternative<OnnxWeight>(a->what) || is_constant(*a)) std::swap(a, b);
  if (std::holds_alternative<OnnxDynamic>(a->what))
    return reader.write(node, with_real_bias(node, *a, *b));
  if (const auto* bias = std::get_if<OnnxWeight>(&b->what)) {
    ReadValue y = *a;
    auto* pending = std::get_if<OnnxPending>(&y.what);
    if (pending == nullptr || y.layout.dims.size() != 1)
      node.refuse("adds a constant to what is no product", in_quotes(bias->name), "a bias",
                  "export the model again");
    add_bias(node, *pending, *bias);
    return reader.write(node, std::move(y));
  }
  reader.write(node, sum_of(node, *a, *b));
}

// [relu]
void read_relu(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  ReadValue y = reader.input(node, 0);
  if (auto* pending = std::get_if<OnnxPending>(&y.what)) {
    pending->relu = true;
  } else if (auto* known = std::get_if<OnnxDequantized>(&y.what)) {
    TensorSpec output = reader.net.tensors[known->integers.tensor];
    output.range.qmin = std::max(output.range.qmin, output.params.zero_point);
    known->integers.tensor =
        reader.add({.kind = "relu", .inputs = {known->integers.tensor}}, output);
  } else {
    const std::size_t reals = tensor_of_reals(reader, node, y);
    y.what =
        OnnxReals{reader.add({.kind = "relu_f32", .inputs = {reals}}, reader.net.tensors[reals])};
  }
  reader.write(node, std::move(y));
}
// [/relu]

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

// The largest of integers is the integer of the largest: scale and zero point stay.
void read_max_pool(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  node.require_integer("ceil_mode", 0);
  node.require_integer("storage_order", 0);
  ReadValue y = reader.input(node, 0);
  auto* known = std::get_if<OnnxDequantized>(&y.what);
  auto* integers = known != nullptr ? &known->integers : std::get_if<OnnxIntegers>(&y.what);
  if (integers == nullptr)
    node.refuse("computes with reals", "an input without DequantizeLinear", "integers",
                "quantize the whole model");
  const PictureShape picture = picture_of(reader, node, y, integers->tensor);
  const Window window = window_of(node, {});
  const PictureShape output = places_of(picture, window, picture.channels);
  TensorSpec tensor = reader.net.tensors[integers->tensor];
  y.layout = layout_of(output);
  tensor.shape = shape_in_memory(y.layout);
  integers->tensor = reader.add(
      {.kind = "max_pool", .inputs = {integers->tensor}, .attributes = pool_attributes(window)},
      tensor);
  reader.write(node, std::move(y));
}

void read_average_pool(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  reader.write(node, mean_of(reader, node, reader.input(node, 0), false));
}

void read_global_average_pool(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  reader.write(node, mean_of(reader, node, reader.input(node, 0), true));
}

constexpr OnnxOperator kOperators[] = {{"QuantizeLinear", "", read_quantize_linear},
                                       {"DequantizeLinear", "", read_dequantize_linear},
                                       {"Conv", "", read_conv},
                                       {"Gemm", "", read_gemm},
                                       {"MatMul", "", read_mat_mul},
                                       {"Add", "", read_add},
                                       {"Relu", "", read_relu},
                                       {"Clip", "", read_clip},
                                       {"MaxPool", "", read_max_pool},
                                       {"AveragePool", "", read_average_pool},
                                       {"GlobalAveragePool", "", read_global_average_pool}};

}  // namespace

std::span<const OnnxOperator> qdq_operators() { return kOperators; }

}  // namespace qfs

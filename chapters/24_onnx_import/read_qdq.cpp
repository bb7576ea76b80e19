// QDQ: float operators between DequantizeLinear and QuantizeLinear.
#include <algorithm>

#include "24_onnx_import/plumbing/onnx_constants.hpp"
#include "24_onnx_import/plumbing/onnx_layouts.hpp"
#include "24_onnx_import/plumbing/value_texts.hpp"

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

// An input that is left out, a float tensor of the file, or integers with their scale.
void add_bias_input(const NetReader& reader, const NodeReader& node, std::size_t i,
                    OnnxPending& pending) {
  if (!node.has(i)) return;
  if (const auto* real = std::get_if<OnnxConstant>(&reader.input(node, i).what))
    return add_real_bias(node, pending, *real->tensor);
  add_bias(node, pending, weight_input(reader, node, i));
}

void read_quantize_linear(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 3);
  const std::int64_t axis = node.integer("axis", 1);
  node.require_integer("saturate", 1);
  const ReadValue& x = reader.input(node, 0);
  if (is_constant(x)) return reader.write(node, {quantized_constant(reader, node, axis), {}});
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
  add_bias_input(reader, node, 2, std::get<OnnxPending>(y.what));
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
  add_bias_input(reader, node, 2, std::get<OnnxPending>(y.what));
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
  if (!is_activation(*a)) std::swap(a, b);
  if (std::holds_alternative<OnnxDynamic>(a->what))
    return reader.write(node, with_real_bias(reader, node, *a, *b));
  if (is_activation(*b)) return reader.write(node, sum_of(node, *a, *b));
  ReadValue y = *a;
  auto* pending = std::get_if<OnnxPending>(&y.what);
  if (pending == nullptr || !is_row(y.layout))
    node.refuse("adds a constant to what is no product", text_of_inputs(reader, node), "a bias",
                "export the model again");
  add_bias_input(reader, node, b == &reader.input(node, 1) ? 1 : 0, *pending);
  reader.write(node, std::move(y));
}

// [relu]
void read_relu(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  ReadValue y = reader.input(node, 0);
  if (auto* pending = std::get_if<OnnxPending>(&y.what)) {
    pending->low = std::max(pending->low, 0.0F);
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

constexpr OnnxOperator kOperators[] = {{"QuantizeLinear", "", read_quantize_linear},
                                       {"DequantizeLinear", "", read_dequantize_linear},
                                       {"QuantizeLinear", kMicrosoft, read_quantize_linear},
                                       {"DequantizeLinear", kMicrosoft, read_dequantize_linear},
                                       {"Conv", "", read_conv},
                                       {"Gemm", "", read_gemm},
                                       {"MatMul", "", read_mat_mul},
                                       {"Add", "", read_add},
                                       {"Relu", "", read_relu}};

}  // namespace

std::span<const OnnxOperator> qdq_operators() { return kOperators; }

}  // namespace qfs

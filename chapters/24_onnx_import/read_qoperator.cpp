// QOperator: each node is three of QDQ's (eq. 24.1), and read as those.
#include "24_onnx_import/plumbing/onnx_constants.hpp"

namespace qfs {
namespace {

// Inputs i, i + 1 and i + 2 are a tensor of the net, its scale and its zero point.
ReadValue reals_of(NetReader& reader, const NodeReader& node, std::size_t i) {
  return dequantized(reader, node, reader.input(node, i), read_params(reader, node, i + 1, i + 2));
}

// The 32-bit bias of a product has its product's scale, by the operator's definition.
void add_integer_bias(const NetReader& reader, const NodeReader& node, std::size_t i,
                      OnnxPending& pending) {
  const auto* constant = std::get_if<OnnxConstant>(&reader.input(node, i).what);
  if (constant == nullptr || constant->tensor->dtype != DType::s32)
    node.refuse("has a bias that is not read", in_quotes(node.input(i)), "an initializer of s32",
                "export the model again");
  const auto q = elements<std::int32_t>(*constant->tensor);
  add_bias(node, pending,
           {.q = q,
            .dims = constant->tensor->dims,
            .scale = bias_scales(pending),
            .name = constant->tensor->name});
}

// [qlinear_conv]
void read_qlinear_conv(NetReader& reader, NodeReader& node) {
  node.require_ends(8, 9);
  const ReadValue x = reals_of(reader, node, 0);
  ReadValue y = conv_of(reader, node, x, weight_of(reader, node, 3, 4, 5, 0));
  if (node.has(8)) add_integer_bias(reader, node, 8, std::get<OnnxPending>(y.what));
  reader.write(node, quantized(reader, node, y, read_params(reader, node, 6, 7)));
}
// [/qlinear_conv]

void read_qlinear_mat_mul(NetReader& reader, NodeReader& node) {
  node.require_ends(8, 8);
  const ReadValue x = reals_of(reader, node, 0);
  const ReadValue y = linear_of(reader, node, x, weight_of(reader, node, 3, 4, 5, 1), false);
  reader.write(node, quantized(reader, node, y, read_params(reader, node, 6, 7)));
}

void read_qgemm(NetReader& reader, NodeReader& node) {
  node.require_ends(9, 9);
  node.require_integer("transA", 0);
  if (node.real("alpha", 1.0F) != 1.0F)
    node.refuse("has a factor that is not read", "alpha", "1", "put it into the scales");
  const bool outputs_first = node.integer("transB", 0) != 0;
  const ReadValue x = reals_of(reader, node, 0);
  ReadValue y = linear_of(reader, node, x, weight_of(reader, node, 3, 4, 5, outputs_first ? 0 : 1),
                          outputs_first);
  if (node.has(6)) add_integer_bias(reader, node, 6, std::get<OnnxPending>(y.what));
  reader.write(node, quantized(reader, node, y, read_params(reader, node, 7, 8)));
}

void read_qlinear_add(NetReader& reader, NodeReader& node) {
  node.require_ends(7, 8);
  const ReadValue a = reals_of(reader, node, 0), b = reals_of(reader, node, 3);
  reader.write(node, quantized(reader, node, sum_of(node, a, b), read_params(reader, node, 6, 7)));
}

void read_mean(NetReader& reader, NodeReader& node, bool of_all_pixels) {
  node.require_ends(4, 5);
  node.require_integer("channels_last", 0);
  const ReadValue x = reals_of(reader, node, 0);
  const ReadValue y = mean_of(reader, node, x, of_all_pixels);
  reader.write(node, quantized(reader, node, y, read_params(reader, node, 3, 4)));
}
void read_qlinear_average_pool(NetReader& reader, NodeReader& node) {
  read_mean(reader, node, false);
}
void read_qlinear_global_average_pool(NetReader& reader, NodeReader& node) {
  read_mean(reader, node, true);
}

constexpr OnnxOperator kOperators[] = {
    {"QLinearConv", "", read_qlinear_conv},
    {"QLinearMatMul", "", read_qlinear_mat_mul},
    {"QGemm", kMicrosoft, read_qgemm},
    {"QLinearAdd", kMicrosoft, read_qlinear_add},
    {"QLinearAveragePool", kMicrosoft, read_qlinear_average_pool},
    {"QLinearGlobalAveragePool", kMicrosoft, read_qlinear_global_average_pool}};

}  // namespace

std::span<const OnnxOperator> qoperator_operators() { return kOperators; }

}  // namespace qfs

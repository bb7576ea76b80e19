// Transpose: of a matrix in the file, or of a picture from one order to another.
#include <algorithm>

#include "24_onnx_import/plumbing/onnx_layouts.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "export the model again";

using Permutation = std::vector<std::int64_t>;

// "perm 0, 3, 1, 2"; without a list ONNX turns all extents round.
std::string list_text(const Permutation& perm) {
  std::string text;
  for (const std::int64_t axis : perm) text += (text.empty() ? "perm " : ", ") + to_message(axis);
  return text.empty() ? "no perm" : text;
}

// Rows and columns of a weight that DequantizeLinear has read.
ReadValue transposed(const NodeReader& node, OnnxWeight weight) {
  if (weight.dims.size() != 2)
    node.refuse("transposes what is no matrix", in_quotes(weight.name), "N x K", kAdvice);
  const std::vector<std::int32_t> q = weight.q;
  const std::size_t rows = weight.dims[0], columns = weight.dims[1];
  for (std::size_t i = 0; i < q.size(); ++i) weight.q[i % columns * rows + i / columns] = q[i];
  weight.dims = {columns, rows};
  weight.axis = 1 - std::min<std::size_t>(weight.axis, 1);
  return {std::move(weight), {}};
}

// The same of one that it has not.
ReadValue transposed(const NodeReader& node, const OnnxConstant& constant) {
  auto tensor = std::make_shared<Record>(*constant.tensor);
  if (tensor->dims.size() != 2)
    node.refuse("transposes what is no matrix", in_quotes(tensor->name), "N x K", kAdvice);
  const std::size_t rows = tensor->dims[0], columns = tensor->dims[1],
                    size = size_of(tensor->dtype);
  for (std::size_t i = 0; i < rows * columns; ++i)
    std::copy_n(constant.tensor->bytes.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                tensor->bytes.begin() +
                    static_cast<std::ptrdiff_t>((i % columns * rows + i / columns) * size));
  tensor->dims = {columns, rows};
  return {OnnxConstant{std::move(tensor)}, {}};
}

// Rows and columns of a tensor of the file.
void transpose_matrix(NetReader& reader, NodeReader& node, const ReadValue& x) {
  const Permutation perm = node.integers("perm", {1, 0});
  if (perm != Permutation{1, 0})
    node.refuse("turns a tensor of the file in an order that is not read", list_text(perm),
                "perm 1, 0, of a matrix", kAdvice);
  if (const auto* constant = std::get_if<OnnxConstant>(&x.what))
    return reader.write(node, transposed(node, *constant));
  reader.write(node, transposed(node, std::get<OnnxWeight>(x.what)));
}

// A picture from the order of TensorFlow's, h x w x C, to ONNX's, C x h x w, and back. Nothing
// moves: ours is the former.
void transpose_picture(NetReader& reader, NodeReader& node, ReadValue y) {
  const Permutation perm = node.integers("perm", {});
  const std::vector<std::size_t> d = y.layout.dims;
  const bool to_onnx = perm == Permutation{0, 3, 1, 2}, from_onnx = perm == Permutation{0, 2, 3, 1};
  const bool in_our_order = is_picture(y.layout) || has_one_order(y.layout);
  if (d.size() != 3 || !(to_onnx ? !y.layout.channels_last : from_onnx && in_our_order))
    node.refuse("turns an activation in an order that is not read",
                list_text(perm) + " of " + shape_text(d) +
                    (is_picture(y.layout) ? ", which is C x h x w" : ""),
                "perm 0, 2, 3, 1 of C x h x w, or 0, 3, 1, 2 of h x w x C",
                "export the model for pictures N x C x h x w throughout, and without this node");
  if (to_onnx)
    y.layout = layout_of({d[0], d[1], d[2]});
  else
    y.layout = {.dims = {d[1], d[2], d[0]}};
  reader.write(node, std::move(y));
}

void read_transpose(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  const ReadValue& x = reader.input(node, 0);
  if (is_activation(x)) return transpose_picture(reader, node, x);
  transpose_matrix(reader, node, x);
}

constexpr OnnxOperator kOperators[] = {{"Transpose", "", read_transpose}};

}  // namespace

std::span<const OnnxOperator> transpose_operators() { return kOperators; }

}  // namespace qfs

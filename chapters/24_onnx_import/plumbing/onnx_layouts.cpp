#include "24_onnx_import/plumbing/onnx_layouts.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "23_onnx_export/onnx_write.hpp"

namespace qfs {

OnnxLayout layout_of(const PictureShape& picture) {
  return {{picture.channels, picture.height, picture.width},
          picture,
          picture.channels > 1 && picture.pixels() > 1};
}

std::vector<std::size_t> shape_in_memory(const OnnxLayout& layout) {
  const std::vector<std::size_t>& d = layout.dims;
  const PictureShape& p = layout.picture;
  if (layout.channels_last || (d.size() == 3 && p.size() == element_count(d)))
    return {p.height, p.width, p.channels};
  if (d.size() == 3 && d[0] == 1) return {d[1], d[2], 1};
  return {element_count(d)};
}

std::vector<std::size_t> columns_of(const OnnxLayout& layout) {
  if (layout.channels_last) return nchw_positions(shape_in_memory(layout));  // (eq. 24.2)
  std::vector<std::size_t> column(element_count(layout.dims));
  std::iota(column.begin(), column.end(), std::size_t{0});
  return column;
}

PictureShape picture_of(NetReader& reader, const NodeReader& node, const ReadValue& value,
                        std::size_t tensor) {
  const OnnxLayout& layout = value.layout;
  const std::vector<std::size_t>& d = layout.dims;
  const bool any_order = d.size() == 3 && (d[0] == 1 || d[1] * d[2] == 1);
  if (d.size() != 3 || (!layout.channels_last && !any_order))
    node.refuse("needs a picture", shape_text(d) + (d.size() == 3 ? ", from a Reshape" : ""),
                "C x H x W as a convolution or the input leaves it", "export the model again");
  const PictureShape picture =
      layout.channels_last ? layout.picture : PictureShape{d[1], d[2], d[0]};
  reader.net.tensors[tensor].shape = {picture.height, picture.width, picture.channels};
  return picture;
}

namespace {

// Two equal numbers, from 0 on, that a window may have.
std::size_t both(const NodeReader& node, const std::vector<std::int64_t>& numbers,
                 std::size_t count, const char* attribute) {
  const auto text = [&] {
    std::string all;
    for (const std::int64_t n : numbers) all += (all.empty() ? "" : ", ") + std::to_string(n);
    return all;
  };
  if (numbers.size() != count || numbers[0] < 0 ||
      numbers[0] > std::numeric_limits<std::int32_t>::max() ||
      std::ranges::count(numbers, numbers[0]) != static_cast<std::ptrdiff_t>(count))
    node.refuse("has a window that is not read", std::string(attribute) + " " + text(),
                std::to_string(count) + " equal numbers", "export the model again");
  return static_cast<std::size_t>(numbers[0]);
}

}  // namespace

Window window_of(NodeReader& node, std::vector<std::size_t> kernel) {
  const std::vector<std::int64_t> given(kernel.begin(), kernel.end());
  const std::vector<std::int64_t> shape = node.integers("kernel_shape", given);
  const auto fits = [](std::int64_t extent) { return 0 < extent && extent < 1 << 24; };
  if (shape.size() != 2 || !std::ranges::all_of(shape, fits) || (!kernel.empty() && shape != given))
    node.refuse("has a window that is not read", "kernel_shape", "two extents, the weight's",
                "export the model again");
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic != "NOTSET" && automatic != "VALID")
    node.refuse("has a padding that is not read", "auto_pad " + in_quotes(automatic), "NOTSET",
                "export the model with pads");
  const std::size_t stride = both(node, node.integers("strides", {1, 1}), 2, "strides"),
                    padding = both(node, node.integers("pads", {0, 0, 0, 0}), 4, "pads");
  if (both(node, node.integers("dilations", {1, 1}), 2, "dilations") != 1)
    node.refuse("has a window with holes", "dilations", "1", "export the model without");
  return {static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]), stride,
          automatic == "VALID" ? 0 : padding};
}

std::map<std::string, std::vector<std::int32_t>> pool_attributes(const Window& window) {
  const auto number = [](std::size_t n) { return static_cast<std::int32_t>(n); };
  return {{"window", {number(window.height), number(window.width)}},
          {"stride", {number(window.stride)}},
          {"padding", {number(window.padding)}}};
}

std::map<std::string, std::vector<std::int32_t>> conv_attributes(const Window& window,
                                                                 std::size_t groups) {
  auto attributes = pool_attributes(window);
  attributes["groups"] = {static_cast<std::int32_t>(groups)};
  return attributes;
}

namespace {

const char* const kAdvice = "export the model again";

// The list that a Reshape, Squeeze or Unsqueeze reads.
std::vector<std::int64_t> list_of(const NetReader& reader, const NodeReader& node, std::size_t i) {
  const auto* constant = std::get_if<OnnxConstant>(&reader.input(node, i).what);
  if (constant == nullptr || constant->tensor->dtype != DType::s64 ||
      constant->tensor->dims.size() != 1)
    node.refuse("needs a list of integers of the file", in_quotes(node.input(i)), "s64 [n]",
                "export the model with fixed shapes");
  return elements<std::int64_t>(*constant->tensor);
}

// The same numbers in the same order by other extents. A picture of ours whose order is not the
// graph's can only become a vector, which remembers that, and a picture again.
ReadValue reshaped(const NodeReader& node, ReadValue value, std::vector<std::size_t> dims) {
  const OnnxLayout& now = value.layout;
  const PictureShape& p = now.picture;
  const std::size_t size = element_count(now.dims);
  const bool fits = !dims.empty() && element_count(dims) == size;
  const bool flat = fits && std::ranges::count(dims, size) >= 1 && dims[0] == size;
  const bool picture = dims == std::vector<std::size_t>{p.channels, p.height, p.width};
  if (!fits || (now.channels_last && !flat && !picture) || dims.size() > 3)
    node.refuse("has a shape that is not read", shape_text(dims),
                shape_text(now.dims) + " as a vector", kAdvice);
  value.layout.dims = std::move(dims);
  return value;
}

// A constant with other extents.
ReadValue reshaped_constant(const NodeReader& node, const OnnxConstant& constant,
                            const std::vector<std::int64_t>& target) {
  auto tensor = std::make_shared<Record>(*constant.tensor);
  std::vector<std::size_t> dims;
  for (const std::int64_t extent : target) dims.push_back(static_cast<std::size_t>(extent));
  const auto usable = [&](std::int64_t extent) {
    return extent > 0 && static_cast<std::size_t>(extent) <= tensor->bytes.size();
  };
  if (!std::ranges::all_of(target, usable) || dims.size() > 8 ||
      element_count(dims) != element_count(tensor->dims))
    node.refuse("gives a constant a shape that is not read", shape_text(dims),
                shape_text(tensor->dims), kAdvice);
  tensor->dims = dims;
  return {OnnxConstant{std::move(tensor)}, {}};
}

bool is_activation(const ReadValue& value) {
  return !std::holds_alternative<OnnxConstant>(value.what) &&
         !std::holds_alternative<OnnxWeight>(value.what);
}

void require_activation(const NodeReader& node, const ReadValue& value) {
  if (!is_activation(value))
    node.refuse("changes the shape of a weight", in_quotes(node.input(0)), "a tensor of the net",
                "export the model with its weights in place");
}

void read_flatten(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  node.require_integer("axis", 1);
  const ReadValue& x = reader.input(node, 0);
  require_activation(node, x);
  reader.write(node, reshaped(node, x, {element_count(x.layout.dims)}));
}

// The target's first extent is the batch's; one of the others may be left to be found.
void read_reshape(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  node.require_integer("allowzero", 0);
  std::vector<std::int64_t> target = list_of(reader, node, 1);
  const ReadValue& x = reader.input(node, 0);
  if (const auto* constant = std::get_if<OnnxConstant>(&x.what))
    return reader.write(node, reshaped_constant(node, *constant, target));
  require_activation(node, x);
  const std::size_t size = element_count(x.layout.dims);
  const bool batch =
      !target.empty() && (target[0] == 0 || target[0] == -1 ||
                          (reader.batch && target[0] == static_cast<std::int64_t>(*reader.batch)));
  std::vector<std::size_t> dims;
  std::size_t known = 1, unknown = 0;
  for (std::size_t d = 1; d < target.size(); ++d) {
    const bool copied = target[d] == 0 && d <= x.layout.dims.size();
    const std::int64_t extent =
        copied ? static_cast<std::int64_t>(x.layout.dims[d - 1]) : target[d];
    if (extent == -1) ++unknown;
    if (extent < -1 || extent == 0 || extent > static_cast<std::int64_t>(size / known))
      node.refuse("has a shape that is not read", std::to_string(extent), shape_text(x.layout.dims),
                  kAdvice);
    dims.push_back(extent == -1 ? 0 : static_cast<std::size_t>(extent));
    if (extent != -1) known *= dims.back();
  }
  if (!batch || unknown > (target[0] == -1 ? 0U : 1U))
    node.refuse("has a shape that is not read", "its first extent", "the batch: 0 or -1", kAdvice);
  for (std::size_t& extent : dims)
    if (extent == 0) extent = size / known;
  reader.write(node, reshaped(node, x, std::move(dims)));
}

// Extents of 1 are put in, or taken out; never the batch's.
void read_unsqueeze(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  const ReadValue& x = reader.input(node, 0);
  require_activation(node, x);
  std::vector<std::int64_t> axes = list_of(reader, node, 1);
  std::vector<std::size_t> dims = x.layout.dims;
  const auto rank = static_cast<std::int64_t>(1 + dims.size() + axes.size());
  for (std::int64_t& axis : axes) axis += axis < 0 && axis >= -rank ? rank : 0;
  std::ranges::sort(axes);
  for (const std::int64_t axis : axes) {
    if (axis < 1 || axis > static_cast<std::int64_t>(dims.size()) + 1 || dims.size() > 2)
      node.refuse("has axes that are not read", std::to_string(axis), "not the batch's", kAdvice);
    dims.insert(dims.begin() + axis - 1, 1);
  }
  reader.write(node, reshaped(node, x, std::move(dims)));
}

void read_squeeze(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  const ReadValue& x = reader.input(node, 0);
  require_activation(node, x);
  std::vector<std::int64_t> axes = list_of(reader, node, 1);
  std::vector<std::size_t> dims = x.layout.dims;
  const auto rank = static_cast<std::int64_t>(1 + dims.size());
  for (std::int64_t& axis : axes) axis += axis < 0 && axis >= -rank ? rank : 0;
  std::ranges::sort(axes, std::greater<>());
  for (const std::int64_t axis : axes) {
    if (axis < 1 || axis > static_cast<std::int64_t>(dims.size()) ||
        dims[static_cast<std::size_t>(axis) - 1] != 1)
      node.refuse("has axes that are not read", std::to_string(axis), "those of extent 1", kAdvice);
    dims.erase(dims.begin() + axis - 1);
  }
  reader.write(node, reshaped(node, x, std::move(dims)));
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

// Of an activation: from the order of TensorFlow's pictures to ONNX's, and back. Nothing moves:
// ours is the former.
void read_transpose(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  ReadValue y = reader.input(node, 0);
  const bool matrix = !is_activation(y);
  const std::vector<std::int64_t> perm =
      node.integers("perm", matrix ? std::vector<std::int64_t>{1, 0} : std::vector<std::int64_t>{});
  if (matrix) {
    if (perm != std::vector<std::int64_t>{1, 0})
      node.refuse("has a permutation that is not read", "perm", "1, 0", kAdvice);
    if (const auto* constant = std::get_if<OnnxConstant>(&y.what))
      return reader.write(node, transposed(node, *constant));
    return reader.write(node, transposed(node, std::get<OnnxWeight>(y.what)));
  }
  const std::vector<std::size_t> d = y.layout.dims;
  const bool to_onnx = perm == std::vector<std::int64_t>{0, 3, 1, 2},
             from_onnx = perm == std::vector<std::int64_t>{0, 2, 3, 1};
  const bool in_our_order =
      y.layout.channels_last || (d.size() == 3 && (d[0] == 1 || d[1] * d[2] == 1));
  if (d.size() != 3 || !(to_onnx ? !y.layout.channels_last : from_onnx && in_our_order))
    node.refuse("has a permutation that is not read", "perm", "pictures: 0 3 1 2 or 0 2 3 1",
                kAdvice);
  if (to_onnx)
    y.layout = layout_of({d[0], d[1], d[2]});
  else
    y.layout = {.dims = {d[1], d[2], d[0]}};
  reader.write(node, std::move(y));
}

void read_identity(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  reader.write(node, reader.input(node, 0));
}

void read_constant(NetReader& reader, NodeReader& node) {
  node.require_ends(0, 0);
  const Record* tensor = node.tensor("value");
  if (tensor == nullptr)
    node.refuse("has no value that is read", "none", "a tensor, as attribute 'value'", kAdvice);
  auto named = std::make_shared<Record>(*tensor);
  named->name = node.node().outputs[0];
  reader.write(node, {OnnxConstant{std::move(named)}, {}});
}

constexpr OnnxOperator kOperators[] = {
    {"Flatten", "", read_flatten},     {"Reshape", "", read_reshape},
    {"Squeeze", "", read_squeeze},     {"Unsqueeze", "", read_unsqueeze},
    {"Transpose", "", read_transpose}, {"Identity", "", read_identity},
    {"Constant", "", read_constant}};

}  // namespace

std::span<const OnnxOperator> layout_operators() { return kOperators; }

}  // namespace qfs

#include "24_onnx_import/plumbing/onnx_layouts.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "23_onnx_export/onnx_write.hpp"

namespace qfs {

bool is_activation(const ReadValue& value) {
  return !std::holds_alternative<OnnxConstant>(value.what) &&
         !std::holds_alternative<OnnxWeight>(value.what);
}

OnnxLayout layout_of(const PictureShape& picture) {
  return {{picture.channels, picture.height, picture.width},
          picture,
          picture.channels > 1 && picture.pixels() > 1};
}

bool is_picture(const OnnxLayout& layout) {
  const PictureShape& p = layout.picture;
  return layout.channels_last &&
         layout.dims == std::vector<std::size_t>{p.channels, p.height, p.width};
}

bool is_row(const OnnxLayout& layout) { return layout.dims.size() == 1 && !layout.channels_last; }

bool has_one_order(const OnnxLayout& layout) {
  const std::vector<std::size_t>& d = layout.dims;
  return !layout.channels_last && d.size() == 3 && (d[0] == 1 || d[1] * d[2] == 1);
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
  if (!is_picture(layout) && !has_one_order(layout))
    node.refuse("needs a picture", shape_text(d) + (d.size() == 3 ? ", from a Reshape" : ""),
                "C x H x W as a convolution or the input leaves it", "export the model again");
  const PictureShape picture = is_picture(layout) ? layout.picture : PictureShape{d[1], d[2], d[0]};
  const PictureShape& before = reader.pictures.try_emplace(tensor, picture).first->second;
  if (before != picture)
    node.refuse("needs another picture than was read from the same numbers", shape_text(picture),
                shape_text(before), "export the model without this Reshape");
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

}  // namespace qfs

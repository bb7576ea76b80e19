// Shapes and orders in memory, and the operators that change nothing else.
#pragma once

#include "24_onnx_import/net_reader.hpp"

namespace qfs {

// What the net computes, and not a tensor of the file.
bool is_activation(const ReadValue& value);
// That of a picture of ours, in the graph C x H x W.
OnnxLayout layout_of(const PictureShape& picture);
// Whether the graph sees our picture as C x H x W: no Flatten or Reshape has made a row of it.
bool is_picture(const OnnxLayout& layout);
// Whether the graph sees a vector whose number n is our number n.
bool is_row(const OnnxLayout& layout);
// Whether the graph sees C x H x W, and its order is ours, there being one channel or one pixel.
bool has_one_order(const OnnxLayout& layout);
// What our tensor's shape is: {h, w, c}, or {K}.
std::vector<std::size_t> shape_in_memory(const OnnxLayout& layout);
// Column k of our weight is column columns_of(...)[k] of the graph's, for an input that lies in
// memory so (eq. 24.2).
std::vector<std::size_t> columns_of(const OnnxLayout& layout);

// The picture in `tensor`, whose shape becomes {h, w, c}. Throws Error where it is none, and where
// somebody else has read it as a picture of another shape.
PictureShape picture_of(NetReader& reader, const NodeReader& node, const ReadValue& value,
                        std::size_t tensor);
// From kernel_shape, strides, pads, dilations and auto_pad; `kernel` is the weight's extents, or
// empty. Throws Error unless one stride and one padding serve both directions.
Window window_of(NodeReader& node, std::vector<std::size_t> kernel);
std::map<std::string, std::vector<std::int32_t>> conv_attributes(const Window& window,
                                                                 std::size_t groups);
std::map<std::string, std::vector<std::int32_t>> pool_attributes(const Window& window);

}  // namespace qfs

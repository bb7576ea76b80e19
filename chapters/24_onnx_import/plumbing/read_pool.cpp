// The largest number of a window, and the mean.
#include "24_onnx_import/plumbing/onnx_layouts.hpp"
#include "24_onnx_import/plumbing/value_texts.hpp"

namespace qfs {

ReadValue mean_of(NetReader& reader, NodeReader& node, const ReadValue& x, bool of_all_pixels) {
  const OnnxIntegers& input = dequantized_input(node, x);
  const PictureShape picture = picture_of(reader, node, x, input.tensor);
  Window window{picture.height, picture.width, 1, 0};
  if (!of_all_pixels) {
    window = window_of(node, {});
    node.require_integer("ceil_mode", 0);
    if (window.padding > 0 && node.integer("count_include_pad", 0) != 1)
      node.refuse("has a mean that leaves the border out", "count_include_pad 0", "1",
                  "export it without padding");
    node.integer("count_include_pad", 0);
  }
  const PictureShape output = places_of(picture, window, picture.channels);
  return {OnnxPending{.operation = {.kind = "average_pool",
                                    .inputs = {input.tensor},
                                    .attributes = pool_attributes(window)},
                      .node = node.name()},
          layout_of(output)};
}

namespace {

// The largest of integers is the integer of the largest: scale and zero point stay.
void read_max_pool(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  node.require_integer("ceil_mode", 0);
  node.require_integer("storage_order", 0);
  ReadValue y = reader.input(node, 0);
  auto* known = std::get_if<OnnxDequantized>(&y.what);
  auto* integers = known != nullptr ? &known->integers : std::get_if<OnnxIntegers>(&y.what);
  if (integers == nullptr)
    node.refuse("computes with reals", text_of(y), "integers", "quantize the whole model");
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

constexpr OnnxOperator kOperators[] = {{"MaxPool", "", read_max_pool},
                                       {"AveragePool", "", read_average_pool},
                                       {"GlobalAveragePool", "", read_global_average_pool}};

}  // namespace

std::span<const OnnxOperator> pool_operators() { return kOperators; }

}  // namespace qfs

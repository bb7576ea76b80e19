#include "21_int8_cnn/plumbing/cnn_parts.hpp"

namespace qfs {

std::vector<std::size_t> tensor_shape(const PictureShape& picture) {
  return {picture.height, picture.width, picture.channels};
}

namespace {

std::int32_t number(std::size_t extent) { return static_cast<std::int32_t>(extent); }

void set_window(Operation& operation, const Window& window) {
  operation.attributes["window"] = {number(window.height), number(window.width)};
  operation.attributes["stride"] = {number(window.stride)};
  operation.attributes["padding"] = {number(window.padding)};
}

// Adds the tensor and an operation of kind `kind` that writes it.
Operation& add(QuantizedNet& net, const char* kind, std::vector<std::size_t> inputs,
               TensorSpec output) {
  net.tensors.push_back(std::move(output));
  net.operations.push_back(
      {.kind = kind, .inputs = std::move(inputs), .output = net.tensors.size() - 1});
  return net.operations.back();
}

}  // namespace

std::size_t add_conv2d(QuantizedNet& net, std::size_t input, QuantizedConv conv, QuantParams params,
                       QuantRange range) {
  const TensorSpec& x = net.tensors.at(input);
  const PictureShape output = places_of(picture_of(x), conv.window, conv.weight.outputs());
  Vector<std::int32_t> bias =
      quantize_biases(conv.bias, x.params.scale, values(std::as_const(conv.weight.scale)));
  net.weights.push_back({.weight = std::move(conv.weight), .bias = std::move(bias)});
  Operation& operation =
      add(net, "conv2d", {input}, {tensor_shape(output), DType::u8, params, range});
  operation.weights = net.weights.size() - 1;
  set_window(operation, conv.window);
  operation.attributes["groups"] = {number(conv.groups)};
  return operation.output;
}

std::size_t add_max_pool(QuantizedNet& net, std::size_t input, const Window& window) {
  TensorSpec output = net.tensors.at(input);
  const PictureShape picture = picture_of(output);
  output.shape = tensor_shape(places_of(picture, window, picture.channels));
  Operation& operation = add(net, "max_pool", {input}, output);
  set_window(operation, window);
  return operation.output;
}

std::size_t add_average_pool(QuantizedNet& net, std::size_t input, const Window& window,
                             QuantParams params, QuantRange range) {
  const PictureShape picture = picture_of(net.tensors.at(input));
  Operation& operation =
      add(net, "average_pool", {input},
          {tensor_shape(places_of(picture, window, picture.channels)), DType::u8, params, range});
  set_window(operation, window);
  return operation.output;
}

std::size_t add_sum(QuantizedNet& net, std::size_t input, std::size_t other, QuantParams params,
                    QuantRange range, AddRule rule) {
  Operation& operation =
      add(net, "add", {input, other}, {net.tensors.at(input).shape, DType::u8, params, range});
  if (rule != AddRule::onnx_runtime) operation.attributes["rule"] = {1};
  return operation.output;
}

QuantizedNet with_rule(QuantizedNet net, AddRule rule) {
  for (Operation& operation : net.operations)
    if (operation.kind == "add") {
      operation.attributes.clear();
      if (rule == AddRule::qnnpack) operation.attributes["rule"] = {1};
    }
  return net;
}

}  // namespace qfs

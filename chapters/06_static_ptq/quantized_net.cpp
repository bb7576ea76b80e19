#include "06_static_ptq/quantized_net.hpp"

#include <algorithm>

namespace qfs {
namespace {

// Adds a tensor, and the operation that writes it.
std::size_t add(QuantizedNet& net, const char* kind, std::size_t input, TensorSpec output,
                std::optional<std::size_t> weights = std::nullopt) {
  net.tensors.push_back(std::move(output));
  const std::size_t number = net.tensors.size() - 1;
  net.operations.push_back({.kind = kind, .inputs = {input}, .output = number, .weights = weights});
  return number;
}

}  // namespace

// [add]
std::size_t add_quantize(QuantizedNet& net, std::size_t input, QuantParams params,
                         QuantRange range) {
  return add(net, "quantize", input, {net.tensors[input].shape, DType::u8, params, range});
}

std::size_t add_linear(QuantizedNet& net, std::size_t input, QuantizedWeight weight,
                       std::span<const float> bias, QuantParams params, QuantRange range) {
  const float x_scale = net.tensors[input].params.scale;
  Vector<std::int32_t> q_bias =
      quantize_biases(bias, x_scale, values(std::as_const(weight.scale)));  // (eq. 6.3)
  const std::size_t outputs = weight.outputs();
  net.weights.push_back({.weight = std::move(weight), .bias = std::move(q_bias)});
  return add(net, "linear", input, {{outputs}, DType::u8, params, range}, net.weights.size() - 1);
}

// Scale and zero point stay; what is left lies at or above the zero point.
std::size_t add_relu(QuantizedNet& net, std::size_t input) {
  TensorSpec output = net.tensors[input];
  output.range.qmin = std::max(output.range.qmin, output.params.zero_point);
  return add(net, "relu", input, output);
}

std::size_t add_dequantize(QuantizedNet& net, std::size_t input) {
  return add(net, "dequantize", input, {net.tensors[input].shape, DType::f32});
}
// [/add]

namespace {

void require_an_interval_per_layer(const Mlp& mlp, const ActivationIntervals& intervals) {
  require(!mlp.layers.empty() && intervals.outputs.size() == mlp.layers.size(),
          "one interval per layer", intervals.outputs.size(), mlp.layers.size(),
          "calibrate this very net");
}

}  // namespace

// [quantize_mlp]
QuantizedNet quantize_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                          const PtqOptions& options) {
  require_an_interval_per_layer(mlp, intervals);
  const QuantRange range = options.activations;
  const auto params = [&](Interval interval) {
    return choose_qparams(interval.min, interval.max, range);
  };
  QuantizedNet net{.tensors = {{{mlp.inputs()}, DType::f32}}};
  std::size_t x = add_quantize(net, 0, params(intervals.input), range);
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Linear& layer = mlp.layers[i];
    x = add_linear(net, x, quantize_weight(layer.weight, options.weights), values(layer.bias),
                   params(intervals.outputs[i]), range);
    if (i + 1 < mlp.layers.size()) x = add_relu(net, x);
  }
  add_dequantize(net, x);
  return net;
}
// [/quantize_mlp]

OperationParts parts_of(const QuantizedNet& net, const Operation& operation) {
  return {operation, net.tensors[operation.inputs[0]], net.tensors[operation.output],
          operation.weights ? &net.weights[*operation.weights] : nullptr};
}

std::vector<OperationParts> layers_of(const QuantizedNet& net) {
  std::vector<OperationParts> layers;
  for (const Operation& operation : net.operations)
    if (operation.weights) layers.push_back(parts_of(net, operation));
  return layers;
}

std::string name_of(std::size_t index, std::string_view kind) {
  return "operation " + std::to_string(index + 1) + " (" + std::string(kind) + ")";
}

std::string name_of(const QuantizedNet& net, const Operation& operation) {
  return name_of(static_cast<std::size_t>(&operation - net.operations.data()), operation.kind);
}

}  // namespace qfs

#include "06_static_ptq/quantized_net.hpp"

#include <algorithm>
#include <limits>

namespace qfs {
namespace {

constexpr const char* kAdvice = "quantize the net again";

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

namespace {

// Fewer than 2^31 elements, and at least one: no product of extents wraps around.
bool has_usable_size(std::span<const std::size_t> shape) {
  std::size_t size = 1;
  for (std::size_t extent : shape) {
    if (extent == 0 || extent > std::numeric_limits<std::int32_t>::max() / size) return false;
    size *= extent;
  }
  return !shape.empty();
}

void require_valid(const TensorSpec& tensor, const std::string& name) {
  require(tensor.type == DType::u8 || tensor.type == DType::f32, name + " has no type of a tensor",
          static_cast<int>(tensor.type), "u8 or f32", kAdvice);
  require(has_usable_size(tensor.shape), name + " is empty or too large", shape_text(tensor.shape),
          "at least one element, at most 2147483647", kAdvice);
  if (tensor.type == DType::f32) return;
  require_scale(tensor.params.scale, name);
  const QuantRange range = tensor.range;
  const std::string interval = std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
  require(0 <= range.qmin && range.qmin <= range.qmax && range.qmax <= 255,
          name + " has a range that 8 bits do not hold", interval, "within 0..255", kAdvice);
  require(range.qmin <= tensor.params.zero_point && tensor.params.zero_point <= range.qmax,
          name + " has its zero point outside its range", tensor.params.zero_point, interval,
          kAdvice);
}

// Every tensor is written before it is read, and once.
void require_order(const QuantizedNet& net) {
  std::vector<bool> written(net.tensors.size(), false);
  written[0] = true;
  for (const Operation& operation : net.operations) {
    const std::string name = name_of(net, operation);
    require(!operation.inputs.empty(), name + " reads nothing", 0, "at least one tensor", kAdvice);
    for (std::size_t input : operation.inputs)
      require(input < written.size() && written[input], name + " reads a tensor not yet written",
              input, "the input of the net, or the output of an operation before", kAdvice);
    require(operation.output < written.size() && !written[operation.output],
            name + " writes a tensor that does not exist or is written already", operation.output,
            "a tensor of its own", kAdvice);
    written[operation.output] = true;
    require(!operation.weights || *operation.weights < net.weights.size(),
            name + " names weights that do not exist", operation.weights.value_or(0),
            "below " + std::to_string(net.weights.size()), kAdvice);
    for (const auto& [attribute, numbers] : operation.attributes)
      require(!attribute.empty() && !numbers.empty(), name + " has an attribute without numbers",
              attribute, "a name and at least one number", kAdvice);
  }
  for (std::size_t t = 0; t < written.size(); ++t)
    require(written[t], "tensor " + std::to_string(t) + " is written by no operation", t,
            "one operation that writes it", kAdvice);
}

}  // namespace

void require_valid(const QuantizedNet& net) {
  require(!net.tensors.empty() && !net.operations.empty(), "a net needs tensors and operations",
          net.operations.size(), "at least one of each", kAdvice);
  for (std::size_t i = 0; i < net.tensors.size(); ++i)
    require_valid(net.tensors[i], "tensor " + std::to_string(i));
  for (std::size_t i = 0; i < net.weights.size(); ++i)
    require_valid(net.weights[i].weight, "weights " + std::to_string(i + 1));
  require_order(net);
}

}  // namespace qfs

#include "06_static_ptq/plumbing/net_checks.hpp"

#include <limits>

namespace qfs {
namespace {

constexpr const char* kAdvice = "quantize the net again";

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

void require_valid(const QuantizedNet& net, std::span<const OperationKind> table) {
  require_valid(net);
  for (const Operation& operation : net.operations)
    find_kind(table, operation.kind, name_of(net, operation)).check(net, operation);
}

void require_inputs(const QuantizedNet& net, const Operation& operation, std::size_t inputs) {
  require(operation.inputs.size() == inputs,
          name_of(net, operation) + " reads another number of tensors", operation.inputs.size(),
          inputs, "quantize the net again");
}

void require_type(const QuantizedNet& net, const Operation& operation, std::size_t tensor,
                  DType type) {
  require(net.tensors[tensor].type == type,
          name_of(net, operation) + " has a tensor of another type",
          type == DType::u8 ? "reals" : "integers", type == DType::u8 ? "integers" : "reals",
          "quantize the net again");
}

void require_same_size(const QuantizedNet& net, const Operation& operation) {
  const OperationParts parts = parts_of(net, operation);
  require(parts.input.size() == parts.output.size(),
          name_of(net, operation) + " changes the number of elements", parts.output.size(),
          parts.input.size(), "quantize the net again");
}

void require_fitting_weights(const QuantizedNet& net, const Operation& operation) {
  const std::string name = name_of(net, operation);
  require(operation.weights.has_value(), name + " has no weights", "none", "their number",
          "quantize the net again");
  const OperationParts parts = parts_of(net, operation);
  const QuantizedWeight& weight = parts.weights->weight;
  require_valid(weight, name);
  require(weight.inputs() == parts.input.size() && weight.outputs() == parts.output.size(),
          name + " has weights that do not fit its tensors", shape_text(weight.q),
          std::to_string(parts.output.size()) + " x " + std::to_string(parts.input.size()),
          "store the weights of the layers in their order");
}

namespace {

// One tensor in, one out, of these types, and no attribute: whoever wrote one meant something by
// it, which would not be done here. The same holds for weights, of all but linear.
void require_one_to_one(const QuantizedNet& net, const Operation& operation, DType in, DType out) {
  require_inputs(net, operation, 1);
  require_type(net, operation, operation.inputs[0], in);
  require_type(net, operation, operation.output, out);
  require(operation.attributes.empty(), name_of(net, operation) + " has attributes",
          operation.attributes.size(), "none", "quantize the net again");
  require(operation.kind == "linear" || !operation.weights,
          name_of(net, operation) + " has weights", operation.weights.value_or(0), "none",
          "quantize the net again");
}

}  // namespace

void check_quantize(const QuantizedNet& net, const Operation& operation) {
  require_one_to_one(net, operation, DType::f32, DType::u8);
  require_same_size(net, operation);
}

void check_dequantize(const QuantizedNet& net, const Operation& operation) {
  require_one_to_one(net, operation, DType::u8, DType::f32);
  require_same_size(net, operation);
}

void check_linear(const QuantizedNet& net, const Operation& operation) {
  require_one_to_one(net, operation, DType::u8, DType::u8);
  require_fitting_weights(net, operation);
  const OperationParts parts = parts_of(net, operation);
  require(parts.weights->bias.size() == parts.output.size(),
          name_of(net, operation) + ": one bias per output", parts.weights->bias.size(),
          parts.output.size(), "quantize the net again");
}

void check_relu(const QuantizedNet& net, const Operation& operation) {
  require_one_to_one(net, operation, DType::u8, DType::u8);
  require_same_size(net, operation);
  const OperationParts parts = parts_of(net, operation);
  require(parts.input.params == parts.output.params,
          name_of(net, operation) + " changes scale or zero point", parts.output.params.scale,
          parts.input.params.scale, "quantize the net again");
  // What is left lies at or above the zero point: whoever reads it relies on that.
  const QuantRange left{parts.input.params.zero_point, parts.input.range.qmax};
  require(parts.output.range == left, name_of(net, operation) + " writes integers of another range",
          std::to_string(parts.output.range.qmin) + ".." + std::to_string(parts.output.range.qmax),
          std::to_string(left.qmin) + ".." + std::to_string(left.qmax), "quantize the net again");
}

}  // namespace qfs

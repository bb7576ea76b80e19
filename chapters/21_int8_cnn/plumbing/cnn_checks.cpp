#include "21_int8_cnn/plumbing/cnn_checks.hpp"

#include <algorithm>
#include <initializer_list>

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "21_int8_cnn/cnn_operations.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "quantize the net again";

// The numbers of an attribute: `count` of them, each within [least, 2^15).
std::span<const std::int32_t> numbers_of(const QuantizedNet& net, const Operation& operation,
                                         const std::string& attribute, std::size_t count,
                                         std::int32_t least) {
  const auto found = operation.attributes.find(attribute);
  const std::string name = name_of(net, operation) + ": attribute '" + attribute + "'";
  require(found != operation.attributes.end(), name + " is missing", "none",
          std::to_string(count) + " numbers", kAdvice);
  require(found->second.size() == count, name + " has another length", found->second.size(), count,
          kAdvice);
  for (std::int32_t number : found->second)
    require(number >= least && number < (1 << 15), name + " is out of range", number,
            std::to_string(least) + " to 32767", kAdvice);
  return found->second;
}

void require_only(const QuantizedNet& net, const Operation& operation,
                  std::initializer_list<std::string_view> known) {
  for (const auto& [attribute, numbers] : operation.attributes)
    require(std::ranges::find(known, attribute) != known.end(),
            name_of(net, operation) + " has an attribute that nothing here reads", attribute,
            "none of that name", kAdvice);
}

void require_no_weights(const QuantizedNet& net, const Operation& operation) {
  require(!operation.weights, name_of(net, operation) + " has weights",
          operation.weights.value_or(0), "none", kAdvice);
}

void require_u8(const QuantizedNet& net, const Operation& operation, std::size_t inputs) {
  require_inputs(net, operation, inputs);
  for (std::size_t input : operation.inputs) require_type(net, operation, input, DType::u8);
  require_type(net, operation, operation.output, DType::u8);
}

void require_picture(const QuantizedNet& net, const Operation& operation,
                     const TensorSpec& tensor) {
  require(tensor.shape.size() == 3, name_of(net, operation) + " has a tensor that is no picture",
          shape_text(tensor.shape), "height x width x channels", kAdvice);
}

// One picture in and one out, as the window leaves it.
void require_window(const QuantizedNet& net, const Operation& operation,
                    std::size_t output_channels) {
  const OperationParts parts = parts_of(net, operation);
  const PictureShape left =
      places_of(picture_of(parts.input), window_of(net, operation), output_channels);
  require(picture_of(parts.output) == left,
          name_of(net, operation) + " writes a picture of another shape",
          shape_text(parts.output.shape), shape_text(left), kAdvice);
}

void check_pooling(const QuantizedNet& net, const Operation& operation) {
  require_u8(net, operation, 1);
  require_only(net, operation, {"window", "stride", "padding"});
  require_no_weights(net, operation);
  const OperationParts parts = parts_of(net, operation);
  require_picture(net, operation, parts.input);
  require_picture(net, operation, parts.output);
  require_window(net, operation, parts.input.shape[2]);
}

}  // namespace

// The attributes, for checks and packing alike.
Window window_of(const QuantizedNet& net, const Operation& operation) {
  const auto extent = [](std::int32_t number) { return static_cast<std::size_t>(number); };
  const auto kernel = numbers_of(net, operation, "window", 2, 1);
  const auto stride = numbers_of(net, operation, "stride", 1, 1);
  const auto padding = numbers_of(net, operation, "padding", 1, 0);
  const Window window{extent(kernel[0]), extent(kernel[1]), extent(stride[0]), extent(padding[0])};
  const PictureShape picture = picture_of(parts_of(net, operation).input);
  const std::size_t border = 2 * window.padding;
  require(window.height <= picture.height + border && window.width <= picture.width + border &&
              window.padding < window.height && window.padding < window.width,
          name_of(net, operation) + " has a window that does not fit its picture",
          std::to_string(window.height) + " x " + std::to_string(window.width) + ", padding " +
              std::to_string(window.padding),
          "one that fits " + shape_text(picture), "check kernel, stride and padding");
  return window;
}

std::size_t groups_of(const QuantizedNet& net, const Operation& operation) {
  return static_cast<std::size_t>(numbers_of(net, operation, "groups", 1, 1)[0]);
}

AddRule rule_of(const QuantizedNet& net, const Operation& operation) {
  if (!operation.attributes.contains("rule")) return AddRule::onnx_runtime;
  const std::int32_t rule = numbers_of(net, operation, "rule", 1, 0)[0];
  require(rule <= 1, name_of(net, operation) + ": no such rule", rule,
          "0 (ONNX Runtime's) or 1 (qnnpack's)", kAdvice);
  return rule == 1 ? AddRule::qnnpack : AddRule::onnx_runtime;
}

PictureShape picture_of(const TensorSpec& tensor) {
  if (tensor.shape.size() != 3) return {1, 1, tensor.size()};
  return {tensor.shape[0], tensor.shape[1], tensor.shape[2]};
}

void check_conv2d(const QuantizedNet& net, const Operation& operation) {
  const std::string name = name_of(net, operation);
  require_u8(net, operation, 1);
  require_only(net, operation, {"window", "stride", "padding", "groups"});
  require(operation.weights.has_value(), name + " has no weights", "none", "their number", kAdvice);
  const OperationParts parts = parts_of(net, operation);
  require_picture(net, operation, parts.input);
  require_picture(net, operation, parts.output);
  const std::size_t C = parts.input.shape[2], N = parts.output.shape[2];
  const std::size_t groups = groups_of(net, operation);
  require(C % groups == 0 && N % groups == 0, name + ": groups do not divide the channels", groups,
          "a divisor of " + std::to_string(C) + " and " + std::to_string(N), kAdvice);
  require_window(net, operation, N);
  const std::size_t K = window_of(net, operation).pixels() * C / groups;
  const QuantizedWeight& weight = parts.weights->weight;  // valid: chapter 06 has looked at all
  require(weight.outputs() == N && weight.inputs() == K,
          name + " has weights that do not fit its tensors", shape_text(weight.q),
          std::to_string(N) + " x " + std::to_string(K), "store N rows of kh x kw x (C / groups)");
  require(parts.weights->bias.size() == N, name + ": one bias per output",
          parts.weights->bias.size(), N, kAdvice);
}

void check_max_pool(const QuantizedNet& net, const Operation& operation) {
  check_pooling(net, operation);
  const OperationParts parts = parts_of(net, operation);
  const std::string name = name_of(net, operation);
  require(parts.input.params == parts.output.params, name + " changes scale or zero point",
          parts.output.params.scale, parts.input.params.scale, kAdvice);
  require(parts.input.range == parts.output.range, name + " writes integers of another range",
          parts.output.range.qmin, parts.input.range.qmin, kAdvice);
}

void check_average_pool(const QuantizedNet& net, const Operation& operation) {
  check_pooling(net, operation);
  constexpr std::size_t kMost = (std::size_t{1} << 31) / 255;
  const std::size_t pixels = window_of(net, operation).pixels();
  require(pixels <= kMost, name_of(net, operation) + " may overflow its 32-bit sum", pixels, kMost,
          kAdvice);
}

void check_add(const QuantizedNet& net, const Operation& operation) {
  require_u8(net, operation, 2);
  require_only(net, operation, {"rule"});
  require_no_weights(net, operation);
  rule_of(net, operation);
  const std::vector<std::size_t>& shape = net.tensors[operation.output].shape;
  for (std::size_t input : operation.inputs)
    require(net.tensors[input].shape == shape, name_of(net, operation) + " adds unlike shapes",
            shape_text(net.tensors[input].shape), shape_text(shape), kAdvice);
}

}  // namespace qfs

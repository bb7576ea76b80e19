// DequantizeLinear, an operator, QuantizeLinear: one operation of integers.
#include <algorithm>
#include <cmath>

#include "02_integer_products/requantize.hpp"
#include "24_onnx_import/plumbing/onnx_constants.hpp"
#include "24_onnx_import/plumbing/onnx_layouts.hpp"
#include "24_onnx_import/plumbing/value_texts.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "quantize the model again";

}  // namespace

ReadValue dequantized(NetReader& reader, const NodeReader& node, const ReadValue& value,
                      const OnnxParams& params) {
  const auto* integers = std::get_if<OnnxIntegers>(&value.what);
  if (integers == nullptr)
    node.refuse("needs integers that the net computes", "reals, or a constant", "a u8 or s8 tensor",
                kAdvice);
  TensorSpec& tensor = reader.net.tensors[integers->tensor];
  if (integers->tensor == 0 && !reader.input_has_params) {
    tensor.params = params.params;
    reader.input_has_params = true;
  }
  if (integers->is_signed != params.is_signed || tensor.params != params.params)
    node.refuse("reads integers by another scale or zero point than they were written with",
                text_of(params), text_of(OnnxParams{tensor.params, integers->is_signed}), kAdvice);
  return {OnnxDequantized{*integers}, value.layout};
}

const OnnxIntegers& dequantized_input(const NodeReader& node, const ReadValue& value) {
  const auto* known = std::get_if<OnnxDequantized>(&value.what);
  if (known == nullptr)
    node.refuse("computes with reals", text_of(value), "inputs from DequantizeLinear",
                "quantize the whole model, or cut this part off it");
  return known->integers;
}

namespace {

Weights without_bias(QuantizedWeight weight) {
  const std::size_t N = weight.outputs();
  return {.weight = std::move(weight), .bias = make_tensor<std::int32_t>({N}, 0)};
}

}  // namespace

// [linear_of]
ReadValue linear_of(const NetReader& reader, const NodeReader& node, const ReadValue& x,
                    const OnnxWeight& weight, bool outputs_first) {
  const OnnxIntegers& input = dequantized_input(node, x);
  const std::size_t outputs = outputs_first ? 0 : 1;
  const std::size_t K = element_count(x.layout.dims);
  if (x.layout.dims.size() != 1 || weight.dims.size() != 2 || weight.dims[1 - outputs] != K)
    node.refuse("has a weight that does not fit its input",
                in_quotes(weight.name) + " " + shape_text(weight.dims),
                "K = " + shape_text(x.layout.dims), "export the model again");
  const std::size_t N = weight.dims[outputs];
  const std::vector<std::size_t> column = columns_of(x.layout);  // (eq. 24.2)
  const auto index = [&](std::size_t n, std::size_t k) {
    return outputs_first ? n * K + column[k] : column[k] * N + n;
  };
  Weights weights = without_bias(s8_weight(node, weight, N, K, outputs, index));
  return {OnnxPending{.operation = {.kind = "linear_onnx", .inputs = {input.tensor}},
                      .weights = std::move(weights),
                      .x_scale = reader.net.tensors[input.tensor].params.scale,
                      .node = node.name()},
          {.dims = {N}}};
}
// [/linear_of]

namespace {

// Pictures of one pixel under a window of one: a Linear, said by a convolution.
bool is_linear(NodeReader& node, const ReadValue& x, const OnnxWeight& weight) {
  const std::vector<std::size_t>&d = weight.dims, &from = x.layout.dims;
  return d.size() == 4 && from.size() == 3 && d[2] * d[3] == 1 && from[1] * from[2] == 1 &&
         node.integer("group", 1) == 1;
}

ReadValue linear_by_conv(const NetReader& reader, NodeReader& node, ReadValue x,
                         OnnxWeight weight) {
  places_of({1, 1, weight.dims[1]}, window_of(node, {1, 1}), weight.dims[0]);  // without a border
  x.layout.dims = {x.layout.dims[0]};
  weight.dims = {weight.dims[0], weight.dims[1]};
  ReadValue y = linear_of(reader, node, x, weight, true);
  y.layout.dims = {y.layout.dims[0], 1, 1};
  return y;
}

}  // namespace

ReadValue conv_of(NetReader& reader, NodeReader& node, const ReadValue& x,
                  const OnnxWeight& weight) {
  const OnnxIntegers& input = dequantized_input(node, x);
  if (is_linear(node, x, weight)) return linear_by_conv(reader, node, x, weight);
  const PictureShape picture = picture_of(reader, node, x, input.tensor);
  const std::vector<std::size_t>& d = weight.dims;
  const auto groups = static_cast<std::size_t>(std::max<std::int64_t>(node.integer("group", 1), 0));
  if (d.size() != 4 || groups == 0 || d[1] * groups != picture.channels || d[0] % groups != 0)
    node.refuse("has a weight that does not fit its input",
                in_quotes(weight.name) + " " + shape_text(d) + ", groups " + std::to_string(groups),
                "N x C / groups x h x w, C = " + std::to_string(picture.channels),
                "export the model again");
  const Window window = window_of(node, {d[2], d[3]});
  const PictureShape output = places_of(picture, window, d[0]);
  const std::size_t C = d[1], pixels = d[2] * d[3];
  // (eq. 24.2) Ours are h x w x C: element k is channel k % C of pixel k / C.
  const auto index = [&](std::size_t n, std::size_t k) { return (n * C + k % C) * pixels + k / C; };
  Weights weights = without_bias(s8_weight(node, weight, d[0], C * pixels, 0, index));
  return {OnnxPending{.operation = {.kind = "conv2d_onnx",
                                    .inputs = {input.tensor},
                                    .attributes = conv_attributes(window, groups)},
                      .weights = std::move(weights),
                      .x_scale = reader.net.tensors[input.tensor].params.scale,
                      .node = node.name()},
          layout_of(output)};
}

ReadValue sum_of(const NodeReader& node, const ReadValue& a, const ReadValue& b) {
  const OnnxIntegers &left = dequantized_input(node, a), &right = dequantized_input(node, b);
  const bool same_order = a.layout.channels_last == b.layout.channels_last &&
                          (!a.layout.channels_last || a.layout.picture == b.layout.picture);
  if (a.layout.dims != b.layout.dims || !same_order)
    node.refuse("adds tensors of two shapes", shape_text(b.layout.dims), shape_text(a.layout.dims),
                "export the model without broadcasting");
  return {OnnxPending{.operation = {.kind = "add", .inputs = {left.tensor, right.tensor}},
                      .node = node.name()},
          a.layout};
}

std::vector<float> bias_scales(const OnnxPending& pending) {
  std::vector<float> scales;
  if (pending.weights)
    for (const float w : pending.weights->weight.scale) scales.push_back(pending.x_scale * w);
  return scales;
}

// [add_bias]
// Integers of scale s_x s_w and zero point 0 (eq. 6.3): another scale would be another bias.
void add_bias(const NodeReader& node, OnnxPending& pending, const OnnxWeight& bias) {
  if (!pending.weights || pending.has_bias || pending.low > -OnnxPending::kUncut ||
      pending.high < OnnxPending::kUncut)
    node.refuse("adds a constant where there is no product without a bias", in_quotes(bias.name),
                "one bias for each product", "export the model again");
  const std::size_t N = pending.weights->weight.outputs();
  if (bias.q.size() != N || bias.dims.empty() || bias.dims.back() != N ||
      (bias.scale.size() != 1 && bias.scale.size() != N))
    node.refuse("has a bias that does not fit", in_quotes(bias.name) + " " + shape_text(bias.dims),
                std::to_string(N) + " numbers", "export the model again");
  const std::vector<float> scales = bias_scales(pending);
  for (std::size_t n = 0; n < std::max(bias.scale.size(), scales.size()); ++n) {
    const float expected = of_channel(std::span<const float>(scales), n);
    const float scale = of_channel(std::span<const float>(bias.scale), n);
    if (!(std::abs(scale - expected) <= 0x1p-22F * expected))  // each of two roundings
      node.refuse("has a bias of another scale than its product: tensor " + in_quotes(bias.name),
                  to_message(scale), to_message(expected) + ", s_x s_w",
                  "quantize the bias to s_x s_w");
  }
  std::ranges::copy(bias.q, pending.weights->bias.begin());
  pending.has_bias = true;
}
// [/add_bias]

// [add_real_bias]
// Many exporters leave the bias real. ONNX Runtime makes integers of it, and so do we (eq. 24.8).
void add_real_bias(const NodeReader& node, OnnxPending& pending, const Record& real) {
  if (real.dtype != DType::f32)
    node.refuse("has a bias that is neither real nor dequantized", text_of(real), "f32",
                "quantize the model again");
  OnnxWeight bias{.dims = real.dims, .scale = bias_scales(pending), .name = real.name};
  const std::vector<float> b = elements<float>(real);
  for (std::size_t n = 0; n < b.size() && !bias.scale.empty(); ++n) {
    const float q = std::nearbyint(b[n] / bias.scale[n % bias.scale.size()]);
    if (!(std::abs(q) < 0x1p31F))
      node.refuse("has a bias that 32 bits do not hold at scale s_x s_w", text_of(real),
                  "less than 2^31 steps", "choose larger scales");
    bias.q.push_back(static_cast<std::int32_t>(q));
  }
  add_bias(node, pending, bias);
}
// [/add_real_bias]

// [quantized]
// (eq. 24.1) Where the output's scale and zero point are known, the operator is one of integers. A
// ReLU before it is the lower end of its clamp (eq. 7.2).
ReadValue quantized(NetReader& reader, const NodeReader& node, const ReadValue& value,
                    const OnnxParams& params) {
  const QuantRange range{0, 255};
  TensorSpec tensor{shape_in_memory(value.layout), DType::u8, params.params, range};
  if (const auto* same = std::get_if<OnnxDequantized>(&value.what)) {
    const QuantParams now = reader.net.tensors[same->integers.tensor].params;
    if (now != params.params || same->integers.is_signed != params.is_signed)
      node.refuse("gives integers another scale, and no operator between says why", text_of(params),
                  text_of(OnnxParams{now, same->integers.is_signed}), kAdvice);
    return {same->integers, value.layout};
  }
  if (const auto* pending = std::get_if<OnnxPending>(&value.what)) {
    Operation operation = pending->operation;
    const auto end = [&](float real) {
      return quantize_value(real, params.params, range, Rounding::half_even_divide);
    };
    tensor.range = {end(pending->low), end(pending->high)};
    if (pending->weights) {
      reader.net.weights.push_back(*pending->weights);
      operation.weights = reader.net.weights.size() - 1;
    }
    return {OnnxIntegers{reader.add(std::move(operation), tensor), params.is_signed}, value.layout};
  }
  const std::size_t reals = tensor_of_reals(reader, node, value);
  return {OnnxIntegers{reader.add({.kind = "quantize_onnx", .inputs = {reals}}, tensor),
                       params.is_signed},
          value.layout};
}
// [/quantized]

}  // namespace qfs

#include "23_onnx_export/onnx_operations.hpp"

namespace qfs {
namespace {

using Names = std::vector<std::string>;

// [clip]
// u8 holds 0..255. Where a tensor's range is narrower (7 bits; a ReLU whose zero is not 0), the
// operator writes another name, and a Clip of integers makes the tensor of it.
bool is_narrow(const TensorSpec& tensor) {
  return tensor.range.qmin > 0 || tensor.range.qmax < 255;
}

std::string wide_name(const OnnxExport& e, std::size_t tensor) {
  return e.name(tensor) + (is_narrow(e.spec(tensor)) ? "_wide" : "");
}

void write_clip(OnnxExport& e, const std::string& wide, std::size_t tensor) {
  const auto& [qmin, qmax] = e.spec(tensor).range;
  const std::string name = e.name(tensor);
  e.graph.node("Clip",
               {wide, e.graph.scalar(name + "_min", static_cast<std::uint8_t>(qmin)),
                e.graph.scalar(name + "_max", static_cast<std::uint8_t>(qmax))},
               {name});
}

void narrow(OnnxExport& e, std::size_t tensor) {
  if (is_narrow(e.spec(tensor))) write_clip(e, wide_name(e, tensor), tensor);
}
// [/clip]

// [edges]
// The reals that integers `q`, which have the parameters of `tensor`, stand for (eq. 23.1).
std::string dequantized(OnnxExport& e, const std::string& q, std::size_t tensor) {
  const std::string real = q + "_real";
  if (find_writer(e.graph.model, real) != nullptr) return real;  // somebody has read it before
  return e.graph.node("DequantizeLinear", joined({{q}, e.params(tensor)}), {real});
}

// Reals as the integers of `tensor` (eq. 23.2).
void quantized(OnnxExport& e, const std::string& real, std::size_t tensor) {
  e.graph.node("QuantizeLinear", joined({{real}, e.params(tensor)}), {wide_name(e, tensor)});
  narrow(e, tensor);
}
// [/edges]

void write_quantize(OnnxExport& e, const Operation& operation) {
  quantized(e, e.name(operation.inputs[0]), operation.output);
}

void write_dequantize(OnnxExport& e, const Operation& operation) {
  const std::size_t x = operation.inputs[0];
  e.graph.node("DequantizeLinear", joined({{e.name(x)}, e.params(x)}), {e.name(operation.output)});
}

void write_relu(OnnxExport& e, const Operation& operation) {
  write_clip(e, e.name(operation.inputs[0]), operation.output);
}

// A Linear or a convolution: the operator that computes it, and the names of what goes in and out.
struct ProductWords {
  const char* op;
  std::string x, y;
  std::vector<std::size_t> picture;      // of ours, that the columns of the weight follow
  std::vector<std::size_t> weight_dims;  // in ONNX
  OnnxAttributes attributes{};
};

// The number of the layer, from 1 on: its constants are w1 and b1, whoever else shares its weights.
std::string layer_number(const OnnxExport& e, const Operation& operation) {
  std::size_t number = 1;
  for (const Operation& before : e.net.operations) {
    if (&before == &operation) break;
    number += before.weights ? 1 : 0;
  }
  return std::to_string(number);
}

// The weight, its scale and its zero point; one scale, or one an output.
Names weight_constants(OnnxExport& e, const Operation& operation, const ProductWords& words) {
  const QuantizedWeight& weight = e.net.weights[*operation.weights].weight;
  const std::string name = "w" + layer_number(e, operation);
  e.graph.constant(name, values(in_onnx_order(weight.q, words.picture)), words.weight_dims);
  return joined({{name}, e.graph.symmetric_params<std::int8_t>(name, values(weight.scale))});
}

Names bias_constant(OnnxExport& e, const Operation& operation) {
  const Vector<std::int32_t>& bias = e.net.weights[*operation.weights].bias;
  return {e.graph.constant("b" + layer_number(e, operation), values(bias), {bias.size()})};
}

// [product_of_reals]
// Reals from the integers of x, weight and bias, a product of reals, integers again: eq. 23.4.
void write_product_of_reals(OnnxExport& e, const Operation& operation, const ProductWords& words) {
  const std::size_t x = operation.inputs[0];
  const std::string w = "w" + layer_number(e, operation), b = "b" + layer_number(e, operation);
  const Vector<float>& scales = e.net.weights[*operation.weights].weight.scale;
  std::vector<float> bias_scales(scales.begin(), scales.end());
  for (float& scale : bias_scales) scale *= e.spec(x).params.scale;  // s_x s_w (eq. 23.3)
  const OnnxAttributes along_outputs = {{"axis", std::int64_t{0}}};
  const std::string real_x = dequantized(e, words.x, x);
  e.graph.node("DequantizeLinear", weight_constants(e, operation, words), {w + "_real"},
               along_outputs);
  e.graph.node(
      "DequantizeLinear",
      joined({bias_constant(e, operation), e.graph.symmetric_params<std::int32_t>(b, bias_scales)}),
      {b + "_real"}, along_outputs);
  const std::string sum = e.graph.node(words.op, {real_x, w + "_real", b + "_real"},
                                       {e.name(operation.output) + "_sum"}, words.attributes);
  quantized(e, sum, operation.output);
}
// [/product_of_reals]

// [product_of_integers]
// One node, which reads everything. Operators differ in where the bias stands.
void write_product_of_integers(OnnxExport& e, const Operation& operation,
                               const ProductWords& words) {
  const Names x = joined({{words.x}, e.params(operation.inputs[0])}),
              w = weight_constants(e, operation, words), b = bias_constant(e, operation),
              y = e.params(operation.output);
  if (std::string_view(words.op) == "QGemm")
    e.graph.node("QGemm", joined({x, w, b, y}), {words.y}, words.attributes, kMicrosoft);
  else
    e.graph.node("QLinearConv", joined({x, w, y, b}), {words.y}, words.attributes);
}
// [/product_of_integers]

void write_product(OnnxExport& e, const Operation& operation, const ProductWords& words) {
  if (e.options.form == OnnxForm::qdq) return write_product_of_reals(e, operation, words);
  write_product_of_integers(e, operation, words);
  narrow(e, operation.output);
}

// K channels of one pixel to N channels of one pixel: a Linear in ONNX's own operators.
void write_linear_as_conv(OnnxExport& e, const Operation& operation, std::size_t N, std::size_t K) {
  const TensorSpec& input = e.spec(operation.inputs[0]);
  const std::string pixel = e.name(operation.output) + "_pixel", y = wide_name(e, operation.output);
  e.graph.reshaped(e.name(operation.inputs[0]), {-1, as_integer(K), 1, 1}, pixel + "_x");
  write_product_of_integers(e, operation,
                            {"QLinearConv", pixel + "_x", pixel, input.shape, {N, K, 1, 1}});
  e.graph.reshaped(pixel, {-1, as_integer(N)}, y);
  narrow(e, operation.output);
}

// The integers of a tensor as vectors, batch x K: those of a picture are flattened, channel by
// channel.
std::string as_vectors(OnnxExport& e, std::size_t tensor) {
  const std::string x = e.name(tensor), flat = x + "_flat";
  if (e.spec(tensor).shape.size() == 1) return x;
  if (find_writer(e.graph.model, flat) != nullptr) return flat;
  return e.graph.node("Flatten", {x}, {flat});
}

void write_linear(OnnxExport& e, const Operation& operation) {
  const QuantizedWeight& weight = e.net.weights[*operation.weights].weight;
  const std::size_t N = weight.outputs(), K = weight.inputs(), input = operation.inputs[0];
  const bool integers = e.options.form == OnnxForm::qoperator;
  if (integers && e.options.standard_operators) return write_linear_as_conv(e, operation, N, K);
  write_product(e, operation,
                {integers ? "QGemm" : "Gemm",
                 as_vectors(e, input),
                 wide_name(e, operation.output),
                 e.spec(input).shape,
                 {N, K},
                 {{"transB", std::int64_t{1}}}});  // the weight lies as N x K
}

void write_conv2d(OnnxExport& e, const Operation& operation) {
  const QuantizedWeight& weight = e.net.weights[*operation.weights].weight;
  const Window window = window_of(e.net, operation);
  const std::size_t groups = groups_of(e.net, operation),
                    channels = weight.inputs() / window.pixels();  // C / groups
  const bool integers = e.options.form == OnnxForm::qoperator;
  ProductWords words = {integers ? "QLinearConv" : "Conv",
                        e.name(operation.inputs[0]),
                        wide_name(e, operation.output),
                        {window.height, window.width, channels},
                        {weight.outputs(), channels, window.height, window.width},
                        window_attributes(window)};
  words.attributes.emplace("group", as_integer(groups));
  write_product(e, operation, words);
}

// The largest of integers: its scale and zero point stay, and no real is needed.
void write_max_pool(OnnxExport& e, const Operation& operation) {
  e.graph.node("MaxPool", {e.name(operation.inputs[0])}, {wide_name(e, operation.output)},
               window_attributes(window_of(e.net, operation)));
  narrow(e, operation.output);
}

// Whether an operation without an integer operator in ONNX is written as one of ONNX Runtime's.
bool by_microsoft(const OnnxExport& e) {
  return e.options.form == OnnxForm::qoperator && !e.options.standard_operators;
}

void write_average_pool(OnnxExport& e, const Operation& operation) {
  const std::size_t x = operation.inputs[0], y = operation.output;
  const Window window = window_of(e.net, operation);
  const PictureShape picture = picture_of(e.spec(x));
  const bool global =
      window.height == picture.height && window.width == picture.width && window.padding == 0;
  OnnxAttributes attributes = global ? OnnxAttributes{} : window_attributes(window);
  if (!global) attributes.emplace("count_include_pad", std::int64_t{1});  // (eq. 20.11)
  const std::string op = global ? "GlobalAveragePool" : "AveragePool";
  if (by_microsoft(e)) {
    if (global) attributes.emplace("channels_last", std::int64_t{0});
    e.graph.node("QLinear" + op, joined({{e.name(x)}, e.params(x), e.params(y)}), {wide_name(e, y)},
                 attributes, kMicrosoft);
    return narrow(e, y);
  }
  quantized(e, e.graph.node(op, {dequantized(e, e.name(x), x)}, {e.name(y) + "_mean"}, attributes),
            y);
}

void write_add(OnnxExport& e, const Operation& operation) {
  const std::size_t a = operation.inputs[0], b = operation.inputs[1], y = operation.output;
  if (by_microsoft(e)) {
    e.graph.node("QLinearAdd",
                 joined({{e.name(a)}, e.params(a), {e.name(b)}, e.params(b), e.params(y)}),
                 {wide_name(e, y)}, {}, kMicrosoft);
    return narrow(e, y);
  }
  const std::string real_a = dequantized(e, e.name(a), a), real_b = dequantized(e, e.name(b), b);
  quantized(e, e.graph.node("Add", {real_a, real_b}, {e.name(y) + "_sum"}), y);
}

void require_onnx_rule(const QuantizedNet& net, const Operation& operation) {
  const auto [range, options] = dynamic_input_of(net, operation);
  const bool fits = range.qmin == 0 && range.qmax == 255 && options.rule == RangeRule::onnx &&
                    options.granularity == InputGranularity::per_tensor;
  require(
      fits, [&] { return name_of(net, operation) + ": ONNX finds ranges by a rule of its own"; },
      "another rule", "RangeRule::onnx, per tensor, 0..255",
      "change it with with_input (chapter 08)");
}

// A vector whose names x_q, x_scale, x_zero_point no other dynamic_linear has taken.
void require_own_vector(const OnnxExport& e, const Operation& operation) {
  const std::size_t x = operation.inputs[0];
  const bool fits =
      e.spec(x).shape.size() == 1 && find_writer(e.graph.model, e.name(x) + "_scale") == nullptr;
  require(
      fits,
      [&] {
        return name_of(e.net, operation) +
               " reads a picture, or what another dynamic_linear reads or writes";
      },
      e.name(x), "a vector of its own, with a relu_f32 between two",
      "see chapter 23 for what can be said in ONNX");
}

void write_dynamic_linear(OnnxExport& e, const Operation& operation) {
  require_onnx_rule(e.net, operation);
  require_own_vector(e, operation);
  OnnxGraph& graph = e.graph;
  const std::string x = e.name(operation.inputs[0]), y = e.name(operation.output),
                    w = "w" + layer_number(e, operation), b = "b" + layer_number(e, operation);
  const auto& [weight, _, bias] = e.net.weights[*operation.weights];
  const std::size_t N = weight.outputs(), K = weight.inputs();
  std::vector<std::int8_t> transposed(weight.q.size());  // MatMulInteger reads K x N
  for (std::size_t i = 0; i < transposed.size(); ++i) transposed[i] = weight.q(i % N, i / N);
  graph.constant(w, std::span<const std::int8_t>(transposed), {K, N});
  const Names w_params = graph.symmetric_params<std::int8_t>(w, values(weight.scale));
  graph.node("DynamicQuantizeLinear", {x}, {x + "_q", x + "_scale", x + "_zero_point"});
  graph.node("MatMulInteger", {x + "_q", w, x + "_zero_point", w_params[1]}, {y + "_acc"});
  graph.node("Cast", {y + "_acc"}, {y + "_acc_real"}, {{"to", std::int64_t{1}}});  // 1: float32
  graph.node("Mul", {x + "_scale", w_params[0]}, {y + "_scale"});
  graph.node("Mul", {y + "_acc_real", y + "_scale"}, {y + "_product"});
  graph.node("Add", {y + "_product", graph.constant(b, values(bias), {N})}, {y});
}

void write_relu_f32(OnnxExport& e, const Operation& operation) {
  e.graph.node("Relu", {e.name(operation.inputs[0])}, {e.name(operation.output)});
}

// [rows]
constexpr OnnxWriter kWriters[] = {{"quantize", write_quantize},
                                   {"linear", write_linear},
                                   {"relu", write_relu},
                                   {"dequantize", write_dequantize},
                                   {"conv2d", write_conv2d},
                                   {"max_pool", write_max_pool},
                                   {"average_pool", write_average_pool},
                                   {"add", write_add},
                                   {"dynamic_linear", write_dynamic_linear},
                                   {"relu_f32", write_relu_f32}};
// [/rows]

}  // namespace

std::span<const OnnxWriter> onnx_writers() { return kWriters; }

}  // namespace qfs

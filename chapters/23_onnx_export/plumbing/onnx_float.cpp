// The float nets in ONNX.
#include "23_onnx_export/onnx_write.hpp"
#include "23_onnx_export/plumbing/onnx_graph.hpp"

namespace qfs {
namespace {

// A weight with its columns in ONNX's order (eq. 23.5).
std::string add_weight(OnnxGraph& graph, const std::string& name, const Matrix<float>& weight,
                       std::span<const std::size_t> picture, const std::vector<std::size_t>& dims) {
  return graph.constant(name, values(in_onnx_order(weight, picture)), dims);
}

std::string add_vector(OnnxGraph& graph, const std::string& name, const Vector<float>& numbers) {
  return graph.constant(name, values(numbers), {numbers.size()});
}

// A net on its way to a graph, and the number of the layer that is being written.
struct FloatExport {
  const Cnn& cnn;
  OnnxGraph graph{};

  std::string name(std::size_t tensor) const {
    if (tensor == 0) return "x";
    return tensor == cnn.layers.back().output ? "logits" : "t" + std::to_string(tensor);
  }
};

void write_conv(FloatExport& e, const CnnLayer& layer) {
  const Conv2d& conv = e.cnn.convs[layer.index];
  const Window& window = conv.window;
  const std::size_t channels = conv.weight.shape(1) / window.pixels();
  const std::string number = std::to_string(layer.index + 1);
  const std::size_t picture[] = {window.height, window.width, channels};
  std::vector<std::string> inputs = {
      e.name(layer.inputs[0]),
      add_weight(e.graph, "conv" + number + "_weight", conv.weight, picture,
                 {conv.outputs(), channels, window.height, window.width})};
  if (conv.bias.size() > 0)
    inputs.push_back(add_vector(e.graph, "conv" + number + "_bias", conv.bias));
  OnnxAttributes attributes = window_attributes(window);
  attributes.emplace("group", as_integer(conv.groups));
  e.graph.node("Conv", inputs, {e.name(layer.output)}, attributes);
}

void write_norm(FloatExport& e, const CnnLayer& layer) {
  const BatchNorm& norm = e.cnn.norms[layer.index];
  const std::string name = "norm" + std::to_string(layer.index + 1);
  e.graph.node("BatchNormalization",
               {e.name(layer.inputs[0]), add_vector(e.graph, name + "_gamma", norm.gamma),
                add_vector(e.graph, name + "_beta", norm.beta),
                add_vector(e.graph, name + "_mean", norm.running_mean),
                add_vector(e.graph, name + "_variance", norm.running_variance)},
               {e.name(layer.output)}, {{"epsilon", norm.epsilon}});
}

void write_linear(FloatExport& e, const CnnLayer& layer) {
  const Linear& linear = e.cnn.linears[layer.index];
  const PictureShape& input = e.cnn.tensors[layer.inputs[0]];
  const std::size_t picture[] = {input.height, input.width, input.channels};
  const std::string name = "fc" + std::to_string(layer.index + 1), x = e.name(layer.inputs[0]);
  const std::string w = add_weight(e.graph, name + "_weight", linear.weight, picture,
                                   {linear.outputs(), linear.inputs()});
  const std::string flat = e.graph.node("Flatten", {x}, {e.name(layer.output) + "_x"});
  e.graph.node("Gemm", {flat, w, add_vector(e.graph, name + "_bias", linear.bias)},
               {e.name(layer.output)}, {{"transB", std::int64_t{1}}});
}

// With the padding counted, as chapter 20 does.
void write_average_pool(FloatExport& e, const CnnLayer& layer) {
  OnnxAttributes attributes = window_attributes(layer.window);
  attributes.emplace("count_include_pad", std::int64_t{1});
  e.graph.node("AveragePool", {e.name(layer.inputs[0])}, {e.name(layer.output)}, attributes);
}

void write(FloatExport& e, const CnnLayer& layer) {
  const std::string x = e.name(layer.inputs[0]), y = e.name(layer.output);
  switch (layer.kind) {
    case LayerKind::conv2d:
      return write_conv(e, layer);
    case LayerKind::batch_norm:
      return write_norm(e, layer);
    case LayerKind::relu:
      e.graph.node("Relu", {x}, {y});
      return;
    case LayerKind::max_pool:
      e.graph.node("MaxPool", {x}, {y}, window_attributes(layer.window));
      return;
    case LayerKind::average_pool:
      return write_average_pool(e, layer);
    case LayerKind::add:
      e.graph.node("Add", {x, e.name(layer.inputs[1])}, {y});
      return;
    case LayerKind::linear:
      return write_linear(e, layer);
  }
}

}  // namespace

OnnxModel to_onnx(const Cnn& cnn) {
  require(!cnn.layers.empty() && cnn.layers.back().kind == LayerKind::linear,
          "a net that does not end with a Linear has no logits", cnn.layers.size(),
          "layers, the last a Linear", "make the net with chapter 20's functions");
  FloatExport e{cnn};
  for (const CnnLayer& layer : cnn.layers) write(e, layer);
  const PictureShape& x = cnn.input();
  e.graph.model.inputs = {{"x", DType::f32, {std::nullopt, x.channels, x.height, x.width}}};
  e.graph.model.outputs = {{"logits", DType::f32, {std::nullopt, cnn.output().size()}}};
  return std::move(e.graph.model);
}

OnnxModel to_onnx(const Mlp& mlp) {
  require(!mlp.layers.empty(), "a net needs layers", 0, "at least one", "load or train a net");
  OnnxGraph graph;
  std::string x = "x";
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const auto& [weight, bias, weight_gradient, bias_gradient] = mlp.layers[i];
    const std::string number = std::to_string(i + 1);
    const bool last = i + 1 == mlp.layers.size();
    const std::string w = graph.constant("w" + number, values(weight), shape_of(weight)),
                      b = graph.constant("b" + number, values(bias), shape_of(bias));
    x = graph.node("Gemm", {x, w, b}, {last ? "logits" : "t" + number},
                   {{"transB", std::int64_t{1}}});
    if (!last) x = graph.node("Relu", {x}, {"t" + number + "_relu"});
  }
  graph.model.inputs = {{"x", DType::f32, {std::nullopt, mlp.inputs()}}};
  graph.model.outputs = {{"logits", DType::f32, {std::nullopt, mlp.outputs()}}};
  return std::move(graph.model);
}

}  // namespace qfs

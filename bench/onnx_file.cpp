#include "bench/onnx_file.hpp"

#include <cstdint>
#include <cstring>
#include <span>

namespace qfs::bench {
namespace {

// Numbers of fields and types are those of onnx.proto3.
enum class Type : std::uint64_t { f32 = 1, u8 = 2, s8 = 3, s32 = 6 };

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}
std::string integer_field(std::uint64_t number, std::uint64_t value) {
  return varint(number << 3) + varint(value);
}
std::string bytes_field(std::uint64_t number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}

// An input or output of the graph: batch x size floats.
std::string value_info(const std::string& name, std::size_t size) {
  const std::string shape =
      bytes_field(1, bytes_field(2, "batch")) + bytes_field(1, integer_field(1, size));
  const std::string tensor =
      integer_field(1, static_cast<std::uint64_t>(Type::f32)) + bytes_field(2, shape);
  return bytes_field(1, name) + bytes_field(2, bytes_field(1, tensor));
}

struct Graph {
  std::string nodes, initializers;

  // Returns the name of its output.
  std::string node(const std::string& kind, const std::vector<std::string>& inputs,
                   const std::string& output, const std::string& attributes = {}) {
    std::string node;
    for (const std::string& input : inputs) node += bytes_field(1, input);
    node += bytes_field(2, output) + bytes_field(4, kind) + attributes;
    nodes += bytes_field(1, node);
    return output;
  }
  // The numbers as they lie in memory; the format is little-endian, as x86-64 and arm64 are.
  template <class T>
  std::string constant(const std::string& name, Type type, std::span<const T> numbers,
                       const std::vector<std::size_t>& shape) {
    std::string tensor;
    for (const std::size_t extent : shape) tensor += integer_field(1, extent);
    std::string raw(numbers.size_bytes(), '\0');
    std::memcpy(raw.data(), numbers.data(), raw.size());
    tensor += integer_field(2, static_cast<std::uint64_t>(type)) + bytes_field(8, name) +
              bytes_field(9, raw);
    initializers += bytes_field(5, tensor);
    return name;
  }
  template <class T>
  std::string scalar(const std::string& name, Type type, T value) {
    return constant(name, type, std::span<const T>(&value, 1), {});
  }
  // y = x w^T + b, w as N x K.
  std::string gemm(const std::string& x, const std::string& w, const std::string& b,
                   const std::string& output) {
    constexpr std::uint64_t kInt = 2;
    return node(
        "Gemm", {x, w, b}, output,
        bytes_field(5, bytes_field(1, "transB") + integer_field(3, 1) + integer_field(20, kInt)));
  }
  std::string file(std::size_t inputs, std::size_t outputs) const {
    const std::string graph = nodes + bytes_field(2, "mlp") + initializers +
                              bytes_field(11, value_info("x", inputs)) +
                              bytes_field(12, value_info("logits", outputs));
    constexpr std::uint64_t kFormat = 8, kOperators = 13;
    return integer_field(1, kFormat) + bytes_field(7, graph) +
           bytes_field(8, bytes_field(1, "") + integer_field(2, kOperators));
  }
};

// QuantizeLinear and, behind it, DequantizeLinear, with the parameters of a tensor of activations.
std::string quantize_dequantize(Graph& graph, const std::string& x, const TensorSpec& spec,
                                const std::string& name, const std::string& output) {
  const std::string scale = graph.scalar(name + "_scale", Type::f32, spec.params.scale);
  const std::string zero = graph.scalar(name + "_zero_point", Type::u8,
                                        static_cast<std::uint8_t>(spec.params.zero_point));
  graph.node("QuantizeLinear", {x, scale, zero}, name);
  return graph.node("DequantizeLinear", {name, scale, zero}, output);
}

// A weight or bias, its zero point 0, dequantized.
template <class T>
std::string dequantized(Graph& graph, const std::string& name, Type type,
                        std::span<const T> integers, const std::vector<std::size_t>& shape,
                        float scale) {
  const std::string q = graph.constant(name, type, integers, shape);
  const std::string s = graph.scalar(name + "_scale", Type::f32, scale);
  const std::string z = graph.scalar(name + "_zero_point", type, T{0});
  return graph.node("DequantizeLinear", {q, s, z}, name + "_real");
}

}  // namespace

std::string onnx_of(const Mlp& mlp) {
  Graph graph;
  std::string x = "x";
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Linear& layer = mlp.layers[i];
    const std::string name = "fc" + std::to_string(i + 1);
    const bool last = i + 1 == mlp.layers.size();
    const std::string w = graph.constant(name + "_weight", Type::f32, values(layer.weight),
                                         {layer.outputs(), layer.inputs()});
    const std::string b =
        graph.constant(name + "_bias", Type::f32, values(layer.bias), {layer.outputs()});
    x = graph.gemm(x, w, b, last ? "logits" : name);
    if (!last) x = graph.node("Relu", {x}, name + "_relu");
  }
  return graph.file(mlp.inputs(), mlp.outputs());
}

std::string onnx_of(const QuantizedNet& net) {
  Graph graph;
  const std::vector<OperationParts> layers = layers_of(net);
  require(!layers.empty() && layers.size() + 2 == net.operations.size(),
          "this net is not quantize, linear ..., dequantize", net.operations.size(),
          layers.size() + 2, "fuse it first");
  std::string x = quantize_dequantize(graph, "x", layers[0].input, "q0", "q0_real");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& [operation, input, output, weights] = layers[i];
    const std::string name = "fc" + std::to_string(i + 1), q = "q" + std::to_string(i + 1);
    const QuantizedWeight& weight = weights->weight;
    require(weight.scale.size() == 1, "the weights have a scale an output", weight.scale.size(), 1,
            "quantize them per tensor");
    const float s_w = weight.scale(0);
    const std::string w = dequantized(graph, name + "_weight", Type::s8, values(weight.q),
                                      {weight.outputs(), weight.inputs()}, s_w);
    const std::string b = dequantized(graph, name + "_bias", Type::s32, values(weights->bias),
                                      {weight.outputs()}, input.params.scale * s_w);
    const std::string y = graph.gemm(x, w, b, name);
    x = quantize_dequantize(graph, y, output, q, i + 1 == layers.size() ? "logits" : q + "_real");
  }
  return graph.file(layers.front().input.size(), layers.back().output.size());
}

}  // namespace qfs::bench

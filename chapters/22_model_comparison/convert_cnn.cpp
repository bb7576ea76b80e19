#include "22_model_comparison/convert_cnn.hpp"

#include "07_layer_fusion/fuse.hpp"

namespace qfs {
namespace {

QuantizedConv quantized(const QatConv& layer, const Vector<float>& bias) {
  return {quantize_weight(folded_weight(layer), layer.weight.params, layer.weight.range),
          values(bias), layer.real.window, layer.real.groups};
}

// One layer's operation, and a relu behind it where the layer has one. Returns the last's tensor.
std::size_t add_layer(QuantizedNet& integers, const QatCnn& net, const QatLayer& layer,
                      std::span<const std::size_t> in) {
  const FakeQuantizer& grid = grid_of(net, layer.output);
  const QuantParams params = grid.params[0];
  std::size_t y = 0;
  bool relu = false;
  switch (layer.kind) {
    case LayerKind::conv2d: {
      const QatConv& conv = net.convs[layer.index];
      const Vector<float> bias = folded_bias(conv);
      y = add_conv2d(integers, in[0], quantized(conv, bias), params, grid.range);
      relu = conv.relu;
      break;
    }
    case LayerKind::linear: {
      const QatLinear& linear = net.linears[layer.index];
      y = add_linear(integers, in[0],
                     quantize_weight(linear.real.weight, linear.weight.params, linear.weight.range),
                     values(linear.real.bias), params, grid.range);
      relu = linear.relu;
      break;
    }
    case LayerKind::max_pool:
      return add_max_pool(integers, in[0], layer.window);
    case LayerKind::average_pool:
      y = add_average_pool(integers, in[0], layer.window, params, grid.range);
      relu = net.sums[layer.index].relu;
      break;
    default:
      y = add_sum(integers, in[0], in[1], params, grid.range);
      relu = net.sums[layer.index].relu;
  }
  return relu ? add_relu(integers, y) : y;
}

}  // namespace

// [convert]
QuantizedNet convert(const QatCnn& net) {
  const PictureShape& picture = net.tensors[0];
  QuantizedNet integers{
      .tensors = {{{picture.height, picture.width, picture.channels}, DType::f32}}};
  std::vector<std::size_t> number(net.tensors.size());  // of a tensor of `net` in `integers`
  number[0] = add_quantize(integers, 0, net.input.params[0], net.input.range);
  std::vector<std::size_t> in;
  for (const QatLayer& layer : net.layers) {
    in.clear();
    for (std::size_t tensor : layer.inputs) in.push_back(number[tensor]);
    number[layer.output] = add_layer(integers, net, layer, in);
  }
  add_dequantize(integers, number[net.layers.back().output]);
  return fuse(integers, cnn_operations());
}
// [/convert]

DynamicCnn quantize_dynamic(const Cnn& cnn, WeightGranularity weights) {
  require(cnn.layers.size() > 1 && cnn.layers.back().kind == LayerKind::linear,
          "dynamic quantization of a net of convolutions is that of its last layer",
          cnn.layers.empty() ? "no layer" : name_of(cnn.layers.back().kind), "a linear",
          "put a Linear at the end");
  DynamicCnn net{.features = cnn};
  net.head = quantize_dynamic(Mlp{{cnn.linears[cnn.layers.back().index]}}, weights);
  net.features.layers.pop_back();
  net.features.tensors.pop_back();
  net.features.linears.pop_back();
  return net;
}

const Matrix<float>& run(const DynamicCnn& net, const PackedNet& packed, const Matrix<float>& x,
                         DynamicCnnBuffers& buffers) {
  return run(packed, forward(net.features, x, buffers.features), buffers.head);
}

}  // namespace qfs

#include "21_int8_cnn/quantized_cnn.hpp"

#include "07_layer_fusion/fuse.hpp"

namespace qfs {
namespace {

// What a layer becomes: an operation that reads the tensors `in`. The number of what it writes.
std::size_t add_layer(QuantizedNet& net, const Cnn& cnn, const CnnLayer& layer,
                      std::span<const std::size_t> in, QuantParams params,
                      const PtqOptions& options) {
  const QuantRange range = options.activations;
  switch (layer.kind) {
    case LayerKind::conv2d: {
      const Conv2d& conv = cnn.convs[layer.index];
      const Vector<float> none = make_tensor<float>({conv.outputs()});
      const Vector<float>& bias = conv.bias.size() > 0 ? conv.bias : none;
      return add_conv2d(
          net, in[0],
          {quantize_weight(conv.weight, options.weights), values(bias), conv.window, conv.groups},
          params, range);
    }
    case LayerKind::linear: {
      const Linear& linear = cnn.linears[layer.index];
      return add_linear(net, in[0], quantize_weight(linear.weight, options.weights),
                        values(linear.bias), params, range);
    }
    case LayerKind::relu:
      return add_relu(net, in[0]);
    case LayerKind::max_pool:
      return add_max_pool(net, in[0], layer.window);
    case LayerKind::average_pool:
      return add_average_pool(net, in[0], layer.window, params, range);
    case LayerKind::add:
      return add_sum(net, in[0], in[1], params, range);
    case LayerKind::batch_norm:
      break;
  }
  fail("batch norm has no integers of its own", name_of(layer.kind), "a net without it",
       "call fold_batch_norm first");
}

}  // namespace

// [quantize_cnn_code]
QuantizedNet quantize_cnn(const Cnn& folded, const TensorIntervals& intervals,
                          const PtqOptions& options) {
  std::vector<QuantParams> params;
  for (const Interval& interval : intervals)
    params.push_back(choose_qparams(interval.min, interval.max, options.activations));
  return quantize_cnn(folded, params, options);
}

QuantizedNet quantize_cnn(const Cnn& folded, std::span<const QuantParams> params,
                          const PtqOptions& options) {
  require(params.size() == folded.tensors.size(), "one interval per tensor", params.size(),
          folded.tensors.size(), "calibrate this very net, after folding");
  require(!folded.layers.empty(), "a net without layers", folded.layers.size(), "at least one",
          "build it as chapter 20 does");
  QuantizedNet net{.tensors = {{tensor_shape(folded.input()), DType::f32}}};
  std::vector<std::size_t> number(folded.tensors.size());  // of a tensor of `folded` in `net`
  number[0] = add_quantize(net, 0, params[0], options.activations);
  std::vector<std::size_t> in;
  for (const CnnLayer& layer : folded.layers) {
    in.clear();
    for (std::size_t tensor : layer.inputs) in.push_back(number[tensor]);
    number[layer.output] = add_layer(net, folded, layer, in, params[layer.output], options);
  }
  add_dequantize(net, number[folded.layers.back().output]);
  return net;
}
// [/quantize_cnn_code]

TensorIntervals after_relu(const Cnn& cnn, TensorIntervals intervals) {
  require(intervals.size() == cnn.tensors.size(), "one interval per tensor", intervals.size(),
          cnn.tensors.size(), "calibrate this very net");
  const std::vector<std::size_t> readers = count_readers(cnn);
  for (const CnnLayer& layer : cnn.layers)
    if (layer.kind == LayerKind::relu && layer.inputs[0] != 0 && readers[layer.inputs[0]] == 1)
      intervals[layer.inputs[0]] = intervals[layer.output];
  return intervals;
}

QuantizedNet quantize_fused_cnn(const Cnn& folded, const TensorIntervals& intervals,
                                const PtqOptions& options) {
  return fuse(quantize_cnn(folded, after_relu(folded, intervals), options), cnn_operations());
}

}  // namespace qfs

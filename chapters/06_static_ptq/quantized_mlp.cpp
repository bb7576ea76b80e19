#include "06_static_ptq/quantized_mlp.hpp"

namespace qfs {

// [quantize_mlp]
QuantizedMlp quantize_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                          const PtqOptions& options) {
  require(intervals.outputs.size() == mlp.layers.size(), "one interval per layer",
          intervals.outputs.size(), mlp.layers.size(), "calibrate this very net");
  const auto params = [&](Interval interval) {
    return choose_qparams(interval.min, interval.max, options.activations);
  };
  QuantizedMlp net{.input = params(intervals.input), .input_range = options.activations};
  QuantParams input = net.input;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const QuantParams output = params(intervals.outputs[i]);
    net.layers.push_back(quantize_linear(mlp.layers[i], input, options.activations, output,
                                         options.activations, options.weights));
    input = output;  // ReLU keeps scale and zero point
  }
  return net;
}
// [/quantize_mlp]

void require_valid(const QuantizedMlp& net) {
  require(!net.layers.empty(), "a net needs layers", 0, "at least 1", "quantize the net again");
  QuantParams params = net.input;
  QuantRange range = net.input_range;
  std::size_t width = net.layers.front().inputs();
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const QuantizedLinear& layer = net.layers[i];
    const std::string name = "layer " + std::to_string(i + 1);
    require_valid(layer, name);
    require(layer.inputs() == width, name + " does not fit the layer before it", layer.inputs(),
            width, "store the layers in their order");
    require(layer.input == params && layer.input_range == range,
            name + " reads other integers than the layer before it writes", layer.input.scale,
            params.scale, "give it the parameters of that layer's output");
    params = layer.output;
    range = layer.output_range;
    width = layer.outputs();
  }
}

PackedMlp pack(const QuantizedMlp& net, const Backend& backend) {
  require_valid(net);
  PackedMlp packed{
      .input = net.input, .input_range = net.input_range, .layers = {}, .fused = net.fused};
  for (const QuantizedLinear& layer : net.layers)
    packed.layers.push_back({&backend, backend.pack(layer)});
  return packed;
}

// [forward]
void relu_u8(std::span<std::uint8_t> q, std::int32_t zero_point) {
  const auto zero = static_cast<std::uint8_t>(zero_point);
  for (std::uint8_t& value : q) value = std::max(value, zero);  // (eq. 6.8)
}

Matrix<std::uint8_t> quantize_input(const PackedMlp& net, const Matrix<float>& x) {
  auto q = make_tensor<std::uint8_t>({x.shape(0), x.shape(1)});
  quantize(values(x), net.input, net.input_range, values(q));
  return q;
}

Matrix<std::uint8_t> forward_u8(const PackedMlp& net, const Matrix<std::uint8_t>& x,
                                std::vector<Matrix<std::uint8_t>>* kept) {
  Matrix<std::uint8_t> q = x;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const PackedLinear& layer = net.layers[i].linear;
    auto y = make_tensor<std::uint8_t>({q.shape(0), layer.outputs});
    net.layers[i].backend->run_u8(layer, values(std::as_const(q)), q.shape(0), values(y));
    if (kept != nullptr) kept->push_back(y);
    const bool hidden = i + 1 < net.layers.size();
    if (hidden && !net.fused) relu_u8(values(y), layer.output.zero_point);
    q = std::move(y);
  }
  return q;
}
// [/forward]

Matrix<float> dequantize_logits(const PackedMlp& net, const Matrix<std::uint8_t>& q) {
  auto logits = make_tensor<float>({q.shape(0), q.shape(1)});
  dequantize(values(q), net.layers.back().linear.output, values(logits));
  return logits;
}

Matrix<float> forward(const PackedMlp& net, const Matrix<float>& x) {
  return dequantize_logits(net, forward_u8(net, quantize_input(net, x)));
}

std::vector<std::uint8_t> classify_u8(const PackedMlp& net, const Matrix<std::uint8_t>& pixels) {
  return classify(pixels, [&](const Matrix<float>& x) { return forward(net, x); });
}

}  // namespace qfs

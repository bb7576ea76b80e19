#include "09_qat/convert.hpp"

#include "02_integer_products/requantize.hpp"
#include "04_mnist_mlp/evaluate.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "common/matmul_f32.hpp"

namespace qfs {

// [convert]
QuantizedNet convert(const QatMlp& net) {
  QuantizedNet integers{.tensors = {{{net.layers.front().real.inputs()}, DType::f32}}};
  std::size_t x = add_quantize(integers, 0, net.input.params[0], net.input.range);
  for (const QatLinear& layer : net.layers) {
    const FakeQuantizer &weight = layer.weight, &output = layer.output;
    x = add_linear(integers, x, quantize_weight(layer.real.weight, weight.params, weight.range),
                   values(layer.real.bias), output.params[0], output.range);
    if (layer.relu) x = add_relu(integers, x);
  }
  add_dequantize(integers, x);
  return fuse(integers);
}
// [/convert]

Matrix<float> fake_forward_ref(const QatLinear& layer, const OperationParts& converted,
                               const Matrix<float>& x, BiasRounding rounding) {
  auto w = make_tensor<float>({layer.real.outputs(), layer.real.inputs()});
  forward(layer.weight, values(layer.real.weight), values(w));
  Matrix<float> y = matmul_f32(x, w);
  for (std::size_t n = 0; n < y.shape(1); ++n) {
    const float step = converted.input.params.scale *
                       of_channel(values(converted.weights->weight.scale), n);  // s_x s_w
    const float bias = rounding == BiasRounding::none
                           ? layer.real.bias(n)
                           : step * static_cast<float>(converted.weights->bias(n));
    for (std::size_t m = 0; m < y.shape(0); ++m) y(m, n) += bias;
  }
  if (layer.relu) relu_forward(y);
  return y;
}

std::vector<Agreement> compare_graphs(const QatMlp& net, const QuantizedNet& converted,
                                      const Matrix<float>& x, BiasRounding bias) {
  NetBuffers integers;
  run(pack(converted), x, integers);
  std::vector<Agreement> agreements;
  const std::vector<OperationParts> layers = layers_of(converted);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Operation& operation = layers[i].operation;
    const Matrix<std::uint8_t>&q_x = integers.u8[operation.inputs[0]],
          &q_y = integers.u8[operation.output];
    auto real_x = make_tensor<float>({q_x.shape(0), q_x.shape(1)});
    dequantize(values(q_x), layers[i].input.params, values(real_x));
    const Matrix<float> y = fake_forward_ref(net.layers[i], layers[i], real_x, bias);
    agreements.push_back(compare(layers[i], y, q_x, q_y, bias));
  }
  return agreements;
}

std::vector<std::uint8_t> classify_fake(const QatMlp& net, const QuantizedNet& converted,
                                        const Matrix<std::uint8_t>& pixels, BiasRounding bias) {
  const std::vector<OperationParts> layers = layers_of(converted);
  return classify(pixels, [&](const Matrix<float>& pictures) {
    Matrix<float> x = pictures;
    forward(net.input, values(pictures), values(x));
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      x = fake_forward_ref(net.layers[i], layers[i], x, bias);
      forward(net.layers[i].output, values(x), values(x));
    }
    return x;
  });
}

}  // namespace qfs

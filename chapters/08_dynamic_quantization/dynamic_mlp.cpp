#include "08_dynamic_quantization/dynamic_mlp.hpp"

#include <algorithm>

namespace qfs {

DynamicMlp quantize_dynamic(const Mlp& mlp, WeightGranularity weights, QuantRange activations) {
  DynamicMlp net{.activations = activations};
  for (const Linear& layer : mlp.layers) net.layers.push_back(quantize_dynamic(layer, weights));
  return net;
}

PackedDynamicMlp pack(const DynamicMlp& net, const Backend& backend) {
  require(!net.layers.empty(), "a net needs layers", 0, "at least 1", "quantize the net again");
  PackedDynamicMlp packed;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const DynamicLinear& layer = net.layers[i];
    const std::string name = "layer " + std::to_string(i + 1);
    require(i == 0 || layer.inputs() == net.layers[i - 1].outputs(),
            name + " does not fit the layer before it", layer.inputs(),
            i == 0 ? 0 : net.layers[i - 1].outputs(), "store the layers in their order");
    packed.layers.push_back(pack(layer, net.activations, backend, name));
  }
  return packed;
}

// [forward]
Matrix<float> forward(const PackedDynamicMlp& net, const Matrix<float>& x,
                      const DynamicOptions& options, std::vector<QuantizedInput>* kept) {
  Matrix<float> y = x;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const PackedDynamicLinear& layer = net.layers[i];
    if (kept != nullptr) kept->push_back(quantize_input(y, layer.weight.input_range, options));
    y = dynamic_forward(layer, y, options);
    if (i + 1 < net.layers.size()) relu_forward(y);
  }
  return y;
}
// [/forward]

Matrix<float> rows_of(const Matrix<float>& x, std::size_t begin, std::size_t end) {
  auto some = make_tensor<float>({end - begin, x.shape(1)});
  std::ranges::copy(values(x).subspan(begin * x.shape(1), some.size()), values(some).begin());
  return some;
}

Matrix<float> forward_in_batches(const PackedDynamicMlp& net, const Matrix<float>& x,
                                 const DynamicOptions& options, std::size_t batch_size) {
  require(batch_size > 0, "a batch needs a size", batch_size, "at least 1", "choose another size");
  auto logits = make_tensor<float>({x.shape(0), net.layers.back().weight.outputs});
  for (std::size_t begin = 0; begin < x.shape(0); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, x.shape(0));
    const Matrix<float> some = forward(net, rows_of(x, begin, end), options);
    std::ranges::copy(values(some), row(logits, begin).begin());
  }
  return logits;
}

}  // namespace qfs

#include "21_int8_cnn/fold_bn.hpp"

#include <cmath>
#include <optional>

namespace qfs {
namespace {

float rounded(double value, std::size_t channel) {
  const float number = static_cast<float>(value);
  require(
      std::isfinite(number), [&] { return "channel " + std::to_string(channel) + " can not fold"; },
      value, "a finite float32", "look at the batch norm's variance and gamma");
  return number;
}

// gamma / sqrt(var + eps) of one channel.
double factor(const BatchNorm& norm, std::size_t channel) {
  const double variance =
      static_cast<double>(norm.running_variance(channel)) + static_cast<double>(norm.epsilon);
  require(
      variance > 0.0, [&] { return "channel " + std::to_string(channel) + " has no variance"; },
      variance, "above 0", "check the running variance and epsilon");
  return static_cast<double>(norm.gamma(channel)) / std::sqrt(variance);
}

}  // namespace

// [fold_code]
Conv2d fold(const Conv2d& conv, const BatchNorm& norm) {
  const std::size_t N = conv.outputs(), K = conv.weight.shape(1);
  require(norm.channels() == N, "the batch norm does not fit the convolution", norm.channels(), N,
          "fold the one that reads this convolution's output");
  Conv2d folded = conv;
  folded.bias = make_tensor<float>({N});
  folded.bias_gradient = make_tensor<float>({N});
  for (std::size_t n = 0; n < N; ++n) {
    const double g = factor(norm, n);
    for (std::size_t k = 0; k < K; ++k)
      folded.weight(n, k) = rounded(static_cast<double>(conv.weight(n, k)) * g, n);  // (eq. 21.1)
    const double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    folded.bias(n) = rounded(
        static_cast<double>(norm.beta(n)) + (bias - static_cast<double>(norm.running_mean(n))) * g,
        n);  // (eq. 21.2)
  }
  return folded;
}
// [/fold_code]

namespace {

std::string name_of(const Cnn& cnn, const CnnLayer& layer) {
  return "layer " + std::to_string(&layer - cnn.layers.data() + 1) + " (" +
         std::string(name_of(layer.kind)) + ")";
}

// The convolution that writes the input of `norm` for it alone.
const CnnLayer& convolution_before(const Cnn& cnn, const CnnLayer& norm) {
  const std::size_t tensor = norm.inputs[0];
  const auto writer = std::ranges::find(cnn.layers, tensor, &CnnLayer::output);
  const bool found = writer != cnn.layers.end();
  require(
      found && writer->kind == LayerKind::conv2d,
      [&] { return name_of(cnn, norm) + " has no convolution to fold into"; },
      [&] { return found ? "its input is that of " + name_of(cnn, *writer) : "the net's input"; },
      "the output of a conv2d", "put batch norm behind the convolution, or leave it out");
  const std::size_t readers = count_readers(cnn)[tensor];
  require(
      readers == 1, [&] { return name_of(cnn, norm) + " is not alone with its convolution"; },
      [&] { return std::to_string(readers) + " layers read tensor " + std::to_string(tensor); },
      "one", "the others need what the convolution writes as it is");
  return *writer;
}

}  // namespace

Cnn fold_batch_norm(const Cnn& cnn) {
  Cnn folded{.tensors = {cnn.tensors.at(0)},
             .layers = {},
             .convs = cnn.convs,
             .norms = {},
             .linears = cnn.linears};
  std::vector<std::size_t> number(cnn.tensors.size());  // of a tensor of `cnn` in `folded`
  for (const CnnLayer& layer : cnn.layers) {
    if (layer.kind == LayerKind::batch_norm) {
      const CnnLayer& before = convolution_before(cnn, layer);
      folded.convs[before.index] = fold(cnn.convs[before.index], cnn.norms[layer.index]);
      number[layer.output] = number[before.output];
      continue;
    }
    CnnLayer copy = layer;
    for (std::size_t& input : copy.inputs) input = number[input];
    folded.tensors.push_back(cnn.tensors[layer.output]);
    copy.output = number[layer.output] = folded.tensors.size() - 1;
    folded.layers.push_back(std::move(copy));
  }
  return folded;
}

}  // namespace qfs

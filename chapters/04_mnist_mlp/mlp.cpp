#include "04_mnist_mlp/mlp.hpp"

#include <cmath>
#include <filesystem>

#include "common/npy.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

Linear make_linear(std::size_t inputs, std::size_t outputs) {
  return {make_tensor<float>({outputs, inputs}), make_tensor<float>({outputs}),
          make_tensor<float>({outputs, inputs}), make_tensor<float>({outputs})};
}

std::string layer_path(const std::string& directory, std::size_t index, const char* part) {
  return directory + "/fc" + std::to_string(index + 1) + "_" + part + ".npy";
}

bool has_layer(const std::string& directory, std::size_t index) {
  return std::filesystem::exists(layer_path(directory, index, "weight")) ||
         std::filesystem::exists(layer_path(directory, index, "bias"));
}

Linear load_linear(const std::string& directory, std::size_t index) {
  const std::string weight_path = layer_path(directory, index, "weight");
  const FloatArray weight = load_npy_float(weight_path);
  require(weight.shape.size() == 2 && element_count(weight.shape) > 0,
          weight_path + " is not a weight matrix", shape_text(weight.shape), "outputs x inputs",
          "save the weight as PyTorch keeps it, one row per output");
  const std::string bias_path = layer_path(directory, index, "bias");
  const FloatArray bias = load_npy_float(bias_path);
  require(bias.shape.size() == 1 && bias.shape[0] == weight.shape[0],
          bias_path + " does not fit its weight", shape_text(bias.shape), weight.shape[0],
          "save one bias for every row of " + weight_path);
  Linear layer = make_linear(weight.shape[1], weight.shape[0]);
  std::ranges::copy(weight.values, values(layer.weight).begin());
  std::ranges::copy(bias.values, values(layer.bias).begin());
  return layer;
}

}  // namespace

// [make_mlp]
Mlp make_mlp(std::span<const std::size_t> widths, Rng& rng) {
  require(widths.size() >= 2 && std::ranges::count(widths, 0U) == 0,
          "an MLP needs at least an input and an output width, all positive",
          list_text(std::span(widths)), "for instance 784, 100, 100, 10",
          "give the widths from input to output");
  Mlp mlp;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    mlp.layers.push_back(make_linear(widths[i], widths[i + 1]));
    const double bound = 1.0 / std::sqrt(static_cast<double>(widths[i]));
    for (float& w : values(mlp.layers[i].weight))
      w = static_cast<float>(rng.uniform(-bound, bound));
    for (float& b : values(mlp.layers[i].bias)) b = static_cast<float>(rng.uniform(-bound, bound));
  }
  return mlp;
}
// [/make_mlp]

std::string widths_text(const Mlp& mlp) {
  std::string text = std::to_string(mlp.inputs());
  for (const Linear& layer : mlp.layers) text += "-" + std::to_string(layer.outputs());
  return text;
}

std::vector<ParamView> parameters(Mlp& mlp) {
  std::vector<ParamView> params;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    Linear& layer = mlp.layers[i];
    const std::string name = "fc" + std::to_string(i + 1);
    params.push_back({name + "_weight", values(layer.weight), values(layer.weight_gradient)});
    params.push_back({name + "_bias", values(layer.bias), values(layer.bias_gradient)});
  }
  return params;
}

// [passes]
const Matrix<float>& forward(const Mlp& mlp, const Matrix<float>& x, MlpBuffers& buffers) {
  const std::size_t last = mlp.layers.size() - 1;
  buffers.activations.resize(mlp.layers.size());
  buffers.gradients.resize(mlp.layers.size());
  for (std::size_t i = 0; i <= last; ++i) {
    const Matrix<float>& input = i == 0 ? x : buffers.activations[i - 1];
    linear_forward(mlp.layers[i], input, buffers.activations[i]);
    if (i != last) relu_forward(buffers.activations[i]);
  }
  return buffers.activations[last];
}

void backward(Mlp& mlp, const Matrix<float>& x, MlpBuffers& buffers) {
  for (std::size_t i = mlp.layers.size(); i-- > 0;) {  // from the last layer back
    const Matrix<float>& input = i == 0 ? x : buffers.activations[i - 1];
    Matrix<float>* input_gradient = i == 0 ? nullptr : &buffers.gradients[i - 1];
    linear_backward(mlp.layers[i], input, buffers.gradients[i], input_gradient);
    if (i > 0) relu_backward(buffers.activations[i - 1], buffers.gradients[i - 1]);
  }
}

float forward_backward(Mlp& mlp, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       MlpBuffers& buffers) {
  const Matrix<float>& logits = forward(mlp, x, buffers);
  const float loss = cross_entropy(logits, labels, buffers.gradients.back());
  backward(mlp, x, buffers);
  return loss;
}
// [/passes]

Matrix<float> forward_ref(const Mlp& mlp, const Matrix<float>& x) {
  Matrix<float> y = linear_forward_ref(mlp.layers[0], x);
  for (std::size_t i = 1; i < mlp.layers.size(); ++i) {
    relu_forward(y);
    y = linear_forward_ref(mlp.layers[i], y);
  }
  return y;
}

std::size_t save_mlp(const Mlp& mlp, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  require(!error, "cannot make the directory " + directory, error.message(), "a writable place",
          "choose another directory");
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    save_npy(layer_path(directory, i, "weight"), mlp.layers[i].weight);
    save_npy(layer_path(directory, i, "bias"), mlp.layers[i].bias);
  }
  for (std::size_t i = mlp.layers.size(); has_layer(directory, i); ++i) {
    std::filesystem::remove(layer_path(directory, i, "weight"), error);
    std::filesystem::remove(layer_path(directory, i, "bias"), error);
  }
  return mlp_bytes_on_disk(directory);
}

Mlp load_mlp(const std::string& directory) {
  Mlp mlp;
  for (std::size_t i = 0; i == 0 || has_layer(directory, i); ++i) {
    mlp.layers.push_back(load_linear(directory, i));
    if (i == 0) continue;
    require(mlp.layers[i].inputs() == mlp.layers[i - 1].outputs(),
            layer_path(directory, i, "weight") + " does not chain to the layer before it",
            std::to_string(mlp.layers[i].inputs()) + " inputs",
            std::to_string(mlp.layers[i - 1].outputs()) + ", the outputs of fc" + std::to_string(i),
            "save all layers of one network, in order");
  }
  return mlp;
}

std::size_t mlp_bytes_on_disk(const std::string& directory) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i == 0 || has_layer(directory, i); ++i)
    bytes += std::filesystem::file_size(layer_path(directory, i, "weight")) +
             std::filesystem::file_size(layer_path(directory, i, "bias"));
  return bytes;
}

}  // namespace qfs

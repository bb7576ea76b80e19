#include "04_mnist_mlp/mlp.hpp"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string_view>

#include "common/bytes.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"
#include "common/signals.hpp"

namespace qfs {
namespace {

Linear make_linear(std::size_t inputs, std::size_t outputs) {
  return {make_tensor<float>({outputs, inputs}), make_tensor<float>({outputs}),
          make_tensor<float>({outputs, inputs}), make_tensor<float>({outputs})};
}

std::string layer_path(const std::string& directory, std::size_t index, const char* part) {
  return directory + "/fc" + std::to_string(index + 1) + "_" + part + ".npy";
}

// The N of a file named fcN_weight.npy or fcN_bias.npy, 1 to 999; 0 for any other name.
std::size_t layer_number(std::string_view name) {
  if (!name.starts_with("fc")) return 0;
  name.remove_prefix(2);
  std::size_t number = 0, digits = 0;
  for (; !name.empty() && name[0] >= '0' && name[0] <= '9' && digits < 3; ++digits) {
    number = 10 * number + static_cast<std::size_t>(name[0] - '0');
    name.remove_prefix(1);
  }
  return name == "_weight.npy" || name == "_bias.npy" ? number : 0;
}

// The layers of a net by the names of its files: the largest N, at least 1.
std::size_t count_layers(const std::string& directory) {
  std::size_t largest = 1;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    largest = std::max(largest, layer_number(entry.path().filename().string()));
  return largest;
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

void require_widths(std::span<const std::size_t> widths) {
  require(widths.size() >= 2 && std::ranges::count(widths, 0U) == 0,
          "an MLP needs at least an input and an output width, all positive",
          list_text(std::span(widths)), "for instance 784, 100, 100, 10",
          "give the widths from input to output");
}

}  // namespace

// [make_mlp]
Mlp make_mlp(std::span<const std::size_t> widths, Rng& rng) {
  require_widths(widths);
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
  for (const Linear& layer : mlp.layers) text.append("-").append(std::to_string(layer.outputs()));
  return text;
}

std::vector<ParamView> parameters(Mlp& mlp) {
  std::vector<ParamView> params;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    Linear& layer = mlp.layers[i];
    const std::string name = "fc" + std::to_string(i + 1);
    params.push_back({name + "_weight", shape_of(layer.weight), values(layer.weight),
                      values(layer.weight_gradient)});
    params.push_back(
        {name + "_bias", shape_of(layer.bias), values(layer.bias), values(layer.bias_gradient)});
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

namespace {

// Files that are written under other names and get their own all together, when all are written.
class NewFiles {
 public:
  ~NewFiles() {  // after a failure; where all went well nothing is left
    std::error_code ignored;
    for (const std::string& path : paths_) std::filesystem::remove(partial(path), ignored);
  }
  template <std::size_t N>
  void write(const std::string& path, const Tensor<float, N>& tensor) {
    require_file_place(path);
    paths_.push_back(path);
    save_npy(partial(path), tensor);
  }
  void keep() const {
    std::error_code error;
    for (const std::string& path : paths_) {
      std::filesystem::rename(partial(path), path, error);
      require(!error, "cannot write " + path, error.message(), "a directory that is writable",
              "choose another directory");
    }
  }

 private:
  static std::string partial(const std::string& path) {
    return path + ".new-" + std::to_string(::getpid());
  }
  std::vector<std::string> paths_;
};

}  // namespace

std::size_t save_mlp(const Mlp& mlp, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  require(!error, "cannot make the directory " + directory, error.message(), "a writable place",
          "choose another directory");
  const HeldSignals held;  // a net is there whole or not at all
  NewFiles files;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    files.write(layer_path(directory, i, "weight"), mlp.layers[i].weight);
    files.write(layer_path(directory, i, "bias"), mlp.layers[i].bias);
  }
  files.keep();
  const std::size_t there = count_layers(directory);
  for (std::size_t i = mlp.layers.size(); i < there; ++i) {
    std::filesystem::remove(layer_path(directory, i, "weight"), error);
    std::filesystem::remove(layer_path(directory, i, "bias"), error);
  }
  return mlp_bytes_on_disk(directory);
}

Mlp load_mlp(const std::string& directory) {
  if (std::error_code error; std::filesystem::is_directory(directory, error))
    require_readable_directory(directory);
  const std::size_t count = count_layers(directory);
  Mlp mlp;
  for (std::size_t i = 0; i < count; ++i) {
    for (const char* part : {"weight", "bias"})
      require(std::filesystem::exists(layer_path(directory, i, part)),
              layer_path(directory, i, part) + " is missing",
              std::to_string(count) + " layer(s), by the names of the files",
              "fcN_weight.npy and fcN_bias.npy of every layer",
              "save all layers of one network, in order");
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
  for (std::size_t i = 0; i < count_layers(directory); ++i)
    bytes += std::filesystem::file_size(layer_path(directory, i, "weight")) +
             std::filesystem::file_size(layer_path(directory, i, "bias"));
  return bytes;
}

}  // namespace qfs

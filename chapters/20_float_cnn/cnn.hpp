// A net of convolutions: a flat list of layers on numbered tensors, as chapter 06's quantized net
// is one of operations. So a residual, which reads a tensor of long ago, is nothing special.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "04_mnist_mlp/layers.hpp"
#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"
#include "20_float_cnn/pool.hpp"
#include "common/param_view.hpp"
#include "common/rng.hpp"

namespace qfs {

// [cnn]
enum class LayerKind { conv2d, batch_norm, relu, max_pool, average_pool, add, linear };

struct CnnLayer {
  LayerKind kind;
  std::vector<std::size_t> inputs;  // numbers of tensors: one; of add, two of one shape
  std::size_t output;               // number of a tensor
  std::size_t index = 0;            // among the net's convs, norms or linears
  Window window{};                  // of a pooling
};

struct Cnn {
  std::vector<PictureShape> tensors;  // of one picture; tensor 0 is the net's input
  std::vector<CnnLayer> layers{};     // in the order they run; the last writes the logits
  std::vector<Conv2d> convs{};
  std::vector<BatchNorm> norms{};
  std::vector<Linear> linears{};
  const PictureShape& input() const { return tensors.front(); }
  const PictureShape& output() const { return tensors[layers.back().output]; }
};
// [/cnn]

std::string_view name_of(LayerKind kind);  // "conv2d", "batch_norm", ...

// Each adds a layer that reads tensor `input`, and the tensor that it writes, whose number it
// returns. Weights start uniform in [-1/sqrt(K), 1/sqrt(K)), as PyTorch's do; without a generator
// they are 0. Throw Error where the layer does not fit the tensor.
struct ConvOptions {
  std::size_t channels = 1;
  Window window{};
  std::size_t groups = 1;
  bool bias = true;
};
std::size_t add_conv2d(Cnn& cnn, std::size_t input, const ConvOptions& options, Rng* rng);
std::size_t add_batch_norm(Cnn& cnn, std::size_t input);
std::size_t add_relu(Cnn& cnn, std::size_t input);
std::size_t add_max_pool(Cnn& cnn, std::size_t input, const Window& window);
std::size_t add_average_pool(Cnn& cnn, std::size_t input, const Window& window);
std::size_t add_sum(Cnn& cnn, std::size_t input, std::size_t other);
// The picture as one vector of height x width x channels numbers.
std::size_t add_linear(Cnn& cnn, std::size_t input, std::size_t outputs, Rng* rng);

// How often the layers read each tensor; a sum of a tensor with itself reads it twice. 0 for what
// nobody reads: the logits.
std::vector<std::size_t> count_readers(const Cnn& cnn);

// What the passes leave. Kept between steps: a batch of the same size finds its activations
// and gradients in place.
struct CnnBuffers {
  std::vector<Matrix<float>> activations;  // of every tensor but the first, B x its size
  std::vector<Matrix<float>> gradients;    // dL/d(the same)
  std::vector<BatchNormBuffers> norms;
  std::vector<std::vector<std::uint32_t>> winners;  // of every layer; empty unless max_pool
  Conv2dScratch scratch;
  Matrix<float> layer_gradient;  // of one layer's input, before it is added to the tensor's
};

// Weights, biases, gammas and betas with their gradients: conv1_weight, ..., then norm1_gamma, ...,
// then fc1_weight, ...
std::vector<ParamView> parameters(Cnn& cnn);

// One layer's: appends NAME_weight and, unless there is none, NAME_bias; of a batch norm NAME_gamma
// and NAME_beta.
void append_parameters(std::vector<ParamView>& params, const std::string& name, Conv2d& layer);
void append_parameters(std::vector<ParamView>& params, const std::string& name, BatchNorm& layer);
void append_parameters(std::vector<ParamView>& params, const std::string& name, Linear& layer);

// y = a + b, number by number; y may be a or b.
void add_values(const Matrix<float>& a, const Matrix<float>& b, Matrix<float>& y);

// Logits by the running statistics, by BLAS; stand in buffers.activations of the last tensor.
const Matrix<float>& forward(const Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers);

// The same by the statistics of the batch, which moves the running ones.
const Matrix<float>& forward_training(Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers);

// The chain rule from dL/d(logits), which stands in buffers.gradients, to every parameter.
// forward_training must have run on the same x.
void backward(Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers);

// forward_training, cross_entropy, backward: fills every gradient and returns the mean loss.
float forward_backward(Cnn& cnn, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       CnnBuffers& buffers);

// By the running statistics in fixed order: equal bits on every machine. Shows every tensor, the
// input as number 0, to `tap`, which may be null; returns the logits.
using TensorTap = std::function<void(std::size_t tensor, std::span<const float> values)>;
Matrix<float> forward_ref(const Cnn& cnn, const Matrix<float>& x, const TensorTap& tap = nullptr);

}  // namespace qfs

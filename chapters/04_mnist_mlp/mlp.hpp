// A multi-layer perceptron of any widths: Linear and ReLU in turn, the last Linear without ReLU.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "04_mnist_mlp/layers.hpp"
#include "common/param_view.hpp"
#include "common/rng.hpp"

namespace qfs {

// [mlp]
struct Mlp {
  std::vector<Linear> layers;  // layer i takes as many inputs as layer i - 1 has outputs
  std::size_t inputs() const { return layers.front().inputs(); }
  std::size_t outputs() const { return layers.back().outputs(); }
};

// What the forward pass leaves for the backward pass. Kept between steps.
struct MlpBuffers {
  std::vector<Matrix<float>> activations;  // of each layer, after its ReLU if it has one
  std::vector<Matrix<float>> gradients;    // dL/d(the same)
};
// [/mlp]

// Widths {784, 100, 100, 10} make three layers. Weights and biases start uniform in
// [-1/sqrt(in), 1/sqrt(in)), as torch.nn.Linear's do.
Mlp make_mlp(std::span<const std::size_t> widths, Rng& rng);

// "784-100-100-10"
std::string widths_text(const Mlp& mlp);

// fc1_weight, fc1_bias, fc2_weight, ...: the names of the files and of PyTorch's modules.
std::vector<ParamView> parameters(Mlp& mlp);

// Logits B x outputs by BLAS; stands in buffers.activations.back().
const Matrix<float>& forward(const Mlp& mlp, const Matrix<float>& x, MlpBuffers& buffers);

// The chain rule from dL/d(logits), which stands in buffers.gradients.back(), to every gradient of
// the layers. forward must have run on the same x.
void backward(Mlp& mlp, const Matrix<float>& x, MlpBuffers& buffers);

// forward, cross_entropy, backward: fills every gradient of the layers and returns the mean loss.
float forward_backward(Mlp& mlp, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       MlpBuffers& buffers);

// Logits B x outputs in fixed order (linear_forward_ref): equal bits on every machine.
Matrix<float> forward_ref(const Mlp& mlp, const Matrix<float>& x);

// DIR/fc1_weight.npy (out x in), DIR/fc1_bias.npy (out), DIR/fc2_weight.npy, ... float32. Returns
// the bytes of the files. Makes DIR, and removes the layers that a deeper net has left there. All
// files are written before the first takes its name: a full disk leaves the net that was there.
std::size_t save_mlp(const Mlp& mlp, const std::string& directory);

// Throws Error where a file is missing, holds NaN or infinity, or where the shapes do not chain.
Mlp load_mlp(const std::string& directory);

// The size on disk of the files load_mlp reads.
std::size_t mlp_bytes_on_disk(const std::string& directory);

}  // namespace qfs

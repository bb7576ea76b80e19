// Quantization-aware training of a whole net of convolutions, and the way to chapter 06's integers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "04_mnist_mlp/train.hpp"
#include "09_qat/qat_train.hpp"
#include "20_float_cnn/cnn.hpp"
#include "22_model_comparison/qat_conv.hpp"

namespace qfs {

// [qat_cnn]
// A layer of the list: one of chapter 20's, or several of them that become one operation in
// integers: convolution, batch norm and ReLU; a sum and ReLU. It reads and writes tensors of the
// same numbers.
struct QatLayer {
  LayerKind kind;  // conv2d, max_pool, average_pool, add or linear
  std::vector<std::size_t> inputs;
  std::size_t output = 0;
  std::size_t index = 0;  // among the net's convs, linears or sums; of max_pool 0
  Window window{};        // of a pooling
};

// What has a grid for its output and no weights: add and average_pool.
struct QatSum {
  FakeQuantizer output{};
  bool relu = false;
};

struct QatCnn {
  std::vector<PictureShape> tensors;  // of chapter 20's net; those inside a layer stay unused
  FakeQuantizer input;                // of the pixels: frozen
  std::vector<QatLayer> layers{};
  std::vector<QatConv> convs{};
  std::vector<QatLinear> linears{};
  std::vector<QatSum> sums{};
  bool observing = true;  // false: observed scales stay as they are
  NormStatistics statistics = NormStatistics::batch;
};
// [/qat_cnn]

// How a net is quantized, and when what freezes. The two are counted apart: 0 freezes from the
// start, an empty one never.
struct QatCnnOptions {
  // Chapter 09's: scales may be frozen or observed. Its observe_epochs: after so many epochs the
  // observers stop, and the scales of weights and activations stay.
  QatOptions quantizers{.weights = WeightGranularity::per_channel};
  // After so many epochs batch norm divides by the running statistics, which stay.
  std::optional<int> norm_epochs{};
};

// `cnn` with quantizers, before its first step. `intervals` are what calibration found, one for
// every tensor of `cnn`. Throws Error where their number is another, where bits are outside 2..8 or
// scales are to be learned; and by its name for a layer that is part of no operation: a batch norm
// must stand right behind a convolution, a ReLU behind that, a convolution, a sum, an average_pool
// or a Linear, and nobody else may read what stands between the two.
QatCnn make_qat(const Cnn& cnn, std::span<const Interval> intervals, const QatCnnOptions& options);

// Real weights and biases, and batch norm's gamma and beta: conv1_weight, conv1_bias, norm1_gamma,
// norm1_beta, conv2_weight, ..., fc1_weight, fc1_bias. Valid as long as the net is.
std::vector<ParamView> parameters(QatCnn& net);

// The grid that a tensor lies on: of tensor 0 the pixels', else that of the layer that writes it,
// which for max_pool is that of its input. Throws Error where no layer writes it.
const FakeQuantizer& grid_of(const QatCnn& net, std::size_t tensor);
FakeQuantizer& grid_of(QatCnn& net, std::size_t tensor);

// Kept between steps.
struct QatCnnBuffers {
  std::vector<Matrix<float>> activations, gradients;  // of every tensor
  std::vector<QatConvBuffers> convs;
  std::vector<QatBuffers> linears;
  std::vector<Matrix<float>> before;  // of every sum, after ReLU, before its quantizer
  std::vector<std::vector<std::uint32_t>> winners;  // of every layer; empty unless max_pool
  Matrix<float> layer_gradient, pooled_gradient;
};

// Fake-quantized logits, B x classes. Moves observed scales where net.observing, and the running
// statistics where net.statistics is `batch`. Throws Error where x does not fit the net.
const Matrix<float>& forward(QatCnn& net, const Matrix<float>& x, QatCnnBuffers& buffers);

// forward, cross_entropy, and the way back: fills every gradient and returns the mean loss.
float forward_backward(QatCnn& net, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       QatCnnBuffers& buffers);

// After the last step: unless the observers have stopped, scales for the weights as that step left
// them, folded by the statistics that training left. From then on nothing moves by itself, and test
// digits may be shown.
void settle(QatCnn& net);

// Chapter 04's loop on a QatCnn, which freezes what `options` say between its epochs; and settle.
std::vector<EpochResult> train_qat(QatCnn& net, const TrainDigits& digits,
                                   const QatCnnOptions& options, TrainOptions training, Rng& rng);

}  // namespace qfs

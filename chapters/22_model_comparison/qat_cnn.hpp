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

// Both stop late, first the one, then the other: scales, then batch norm's statistics.
struct QatCnnOptions {
  // Of `scales` frozen or observed. observe_epochs: after so many the observers stop.
  QatOptions quantizers{.weights = WeightGranularity::per_channel};
  std::optional<int> norm_epochs{};  // after so many the statistics stop. Empty: never
};

// What is known before the first step: the weights, and for every tensor of `cnn` the interval that
// calibration found. Throws Error where that is not one per tensor, where the list has a batch norm
// that does not follow a convolution or a ReLU that follows neither convolution nor sum, or where
// the options ask for learned scales.
QatCnn make_qat(const Cnn& cnn, std::span<const Interval> intervals, const QatCnnOptions& options);

// Real weights and biases, and batch norm's gamma and beta. Valid as long as the net is.
std::vector<ParamView> parameters(QatCnn& net);

// The grid that a tensor lies on: that of the layer that writes it, which for max_pool is that of
// its input. Throws Error where no layer writes it.
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

// Fake-quantized logits, B x classes. Where `observing` or NormStatistics::batch say so it moves
// scales and statistics.
const Matrix<float>& forward(QatCnn& net, const Matrix<float>& x, QatCnnBuffers& buffers);

// forward, cross_entropy, and the way back: fills every gradient and returns the mean loss.
float forward_backward(QatCnn& net, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       QatCnnBuffers& buffers);

// After the last step: scales for the weights as that step left them, folded by the statistics that
// training left. From then on nothing moves by itself, and test digits may be shown.
void settle(QatCnn& net);

// Chapter 04's loop on a QatCnn, and settle.
std::vector<EpochResult> train_qat(QatCnn& net, const TrainDigits& digits,
                                   const QatCnnOptions& options, TrainOptions training, Rng& rng);

}  // namespace qfs

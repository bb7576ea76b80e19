// Quantization-aware training of a whole net.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "04_mnist_mlp/train.hpp"
#include "05_observers/calibrate.hpp"
#include "09_qat/qat_linear.hpp"

namespace qfs {

// [qat_options]
// b bits: all weights, and the hidden activations. The pixels and the logits keep 8.
struct QatOptions {
  int weight_bits = 8, activation_bits = 8;
  WeightGranularity weights = WeightGranularity::per_tensor;
  ScaleSource scales = ScaleSource::observed;
  bool clip_mask = true;
  // After so many epochs the observers stop, and their scales stay. Empty: they never stop.
  std::optional<int> observe_epochs{};
};

struct QatMlp {
  FakeQuantizer input;  // of the pixels, whose interval no training moves: frozen
  std::vector<QatLinear> layers;
  bool observing = true;  // false: observed scales stay as they are
  std::size_t hidden() const { return layers.size() - 1; }
};
// [/qat_options]

// What is known before the first step: the weights, and the intervals after ReLU that calibration
// found. Converted as it is (convert.hpp), this net is post-training quantization. Throws Error on
// bits outside 2..8, on intervals that were observed before ReLU, or where their number is not that
// of the layers.
QatMlp make_qat(const Mlp& mlp, const ActivationIntervals& intervals, const QatOptions& options);

// Its parts, for nets with other layers. The fake quantizer of a weight, which starts from the
// weight as it is; that of a tensor of so many outputs, from its interval; and the check of bits.
FakeQuantizer weight_quantizer(const Matrix<float>& weight, const QatOptions& options);
FakeQuantizer output_quantizer(Interval interval, std::size_t outputs, bool hidden,
                               const QatOptions& options);
void require_bits(const QatOptions& options);

// Real weights and biases, and the ratios of learned scales. Valid as long as the net is.
std::vector<ParamView> parameters(QatMlp& net);

// Kept between steps.
struct QatPassBuffers {
  Matrix<float> input;  // fake-quantized pixels
  std::vector<QatBuffers> layers;
};

// Fake-quantized logits, B x classes; they stand in buffers.layers.back().after.
const Matrix<float>& forward(QatMlp& net, const Matrix<float>& x, QatPassBuffers& buffers);

// forward, cross_entropy, and the way back: fills every gradient and returns the mean loss.
float forward_backward(QatMlp& net, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       QatPassBuffers& buffers);

// After the last step: scales for the weights and ratios as that step left them. From then on
// nothing moves by itself, and test digits may be shown.
void settle(QatMlp& net);

// Chapter 04's loop on a QatMlp, and settle.
std::vector<EpochResult> train_qat(QatMlp& net, const TrainDigits& digits,
                                   const QatOptions& options, TrainOptions training, Rng& rng);

}  // namespace qfs

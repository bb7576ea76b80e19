// Training: shuffle, cut into batches, forward, backward, one step of Adam; again.
//
// What is trained comes in from outside: its parameters as views, its passes as a function. So the
// same loop trains this chapter's MLP, a net with fake quantization, and one with convolutions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "04_mnist_mlp/adam.hpp"
#include "common/dataset.hpp"
#include "common/rng.hpp"

namespace qfs {

// [train]
// Runs both passes on one batch, x B x pixels (normalized) and B labels; leaves the gradients of
// the mean loss in the ParamViews, and returns that loss.
using ForwardBackward =
    std::function<float(const Matrix<float>& x, std::span<const std::uint8_t> labels)>;

struct EpochResult {
  int epoch = 0;         // 1, 2, ...
  double loss = 0.0;     // the mean over the digits of the epoch, each as the net was at its step
  double seconds = 0.0;  // shuffling and steps; not what after_epoch does
};

struct TrainOptions {
  int epochs = 10;
  std::size_t batch_size = 32;  // the last batch of an epoch may be smaller
  AdamOptions adam = {};
  // The learning rate of step 1, 2, ..., steps; null: adam.learning_rate throughout.
  std::function<double(std::size_t step, std::size_t steps)> learning_rate = nullptr;
  std::string label = "training";                                 // of the progress bar
  std::function<void(const EpochResult&)> after_epoch = nullptr;  // may look, and may evaluate
};

// Throws Error when the loss stops being a finite number.
std::vector<EpochResult> train(std::vector<ParamView> params, const ForwardBackward& pass,
                               const TrainDigits& digits, const TrainOptions& options, Rng& rng);
// [/train]

// The batches of one epoch: the digits in a shuffled order, normalized as they are taken.
class Batches {
 public:
  Batches(const TrainDigits& digits, std::size_t batch_size);
  void shuffle(Rng& rng) { rng.shuffle(order_); }
  std::size_t count() const;
  void take(std::size_t index);  // fills x and labels with batch `index`; allocates nothing new
  const Matrix<float>& x() const { return x_; }
  std::span<const std::uint8_t> labels() const { return labels_; }

 private:
  const TrainDigits& digits_;
  std::size_t batch_size_;
  std::vector<std::uint32_t> order_;
  Matrix<float> level_;  // 1 x 256: the normalized value of each pixel value
  Matrix<float> x_;
  std::vector<std::uint8_t> labels_;
};

}  // namespace qfs

#include "04_mnist_mlp/train.hpp"

#include <cmath>
#include <numeric>

#include "04_mnist_mlp/layers.hpp"
#include "04_mnist_mlp/plumbing/flush_denormals.hpp"
#include "common/progress.hpp"
#include "common/stopwatch.hpp"

namespace qfs {

Batches::Batches(const TrainDigits& digits, std::size_t batch_size)
    : digits_(digits), batch_size_(batch_size), order_(digits.size()) {
  require(batch_size > 0 && digits.size() > 0, "training needs digits, and batches of at least one",
          batch_size, "1 or more", "check the batch size and the data");
  std::iota(order_.begin(), order_.end(), 0U);
  Matrix<std::uint8_t> pixel = make_tensor<std::uint8_t>({1, 256});
  std::iota(values(pixel).begin(), values(pixel).end(), std::uint8_t{0});
  level_ = normalized(pixel, 0, 1);
}

std::size_t Batches::count() const { return (order_.size() + batch_size_ - 1) / batch_size_; }

void Batches::take(std::size_t index) {
  const std::size_t begin = index * batch_size_;
  const std::size_t size = std::min(batch_size_, order_.size() - begin);
  fit_shape(x_, size, digits_.pixels.shape(1));
  labels_.resize(size);
  const float* level = level_.data();
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t digit = order_[begin + i];
    const std::span<const std::uint8_t> pixels = row(digits_.pixels, digit);
    const std::span<float> x = row(x_, i);
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = level[pixels[k]];
    labels_[i] = digits_.labels[digit];
  }
}

// [loop]
std::vector<EpochResult> train(std::vector<ParamView> params, const ForwardBackward& pass,
                               const TrainDigits& digits, const TrainOptions& options, Rng& rng) {
  const FlushDenormals flush_denormals;
  Adam adam(std::move(params), options.adam);
  Batches batches(digits, options.batch_size);
  const std::size_t steps = static_cast<std::size_t>(options.epochs) * batches.count();
  Progress progress(options.label, steps);
  std::vector<EpochResult> history;
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    const Stopwatch watch;
    double loss_sum = 0.0;
    batches.shuffle(rng);
    for (std::size_t b = 0; b < batches.count(); ++b) {
      batches.take(b);
      const float loss = pass(batches.x(), batches.labels());
      require(std::isfinite(loss), "training diverged: the loss is not a finite number", loss,
              "a finite loss", "lower the learning rate, or look for NaN in the weights");
      const std::size_t step = history.size() * batches.count() + b + 1;
      if (options.learning_rate) adam.set_learning_rate(options.learning_rate(step, steps));
      adam.step();
      loss_sum += static_cast<double>(loss) * static_cast<double>(batches.labels().size());
      progress.update(step);
    }
    history.push_back({epoch, loss_sum / static_cast<double>(digits.size()), watch.seconds()});
    if (options.after_epoch) options.after_epoch(history.back());
  }
  return history;
}
// [/loop]

}  // namespace qfs

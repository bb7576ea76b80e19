// A net's row of the closing table, and how long one batch takes: the sizes that every table of
// this course has, and the digits for them.
#pragma once

#include <array>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"
#include "common/report.hpp"
#include "common/stopwatch.hpp"
#include "common/tensor.hpp"

namespace qfs {

// One digit, a batch as in training, and as many as calibration takes.
inline constexpr std::array<std::size_t, 3> kBatchesToTime = {1, 64, 1000};

// A net's row but for its bytes and its times: `classes` are what it gave the test digits,
// `by_float` what fp32 gave them.
inline ModelRow model_row(std::string model, const Mlp& net, const Options& options,
                          std::span<const std::uint8_t> by_float,
                          std::span<const std::uint8_t> classes,
                          std::span<const std::uint8_t> labels) {
  return {.model = std::move(model),
          .net = widths_text(net),
          .data = data_name(options),
          .accuracy = wilson_interval(count_correct(classes, labels), labels.size()).share,
          .images = labels.size(),
          .flips = compare_classes(by_float, classes, labels).classes_differ};
}

// The batch whose pass is timed: `size` normalized digits, repeated where there are fewer.
inline Matrix<float> batch_to_time(const TestDigits& digits, std::size_t size) {
  const Matrix<float> some = normalized(digits.pixels, 0, std::min(size, digits.size()));
  auto x = make_tensor<float>({size, some.shape(1)});
  for (std::size_t m = 0; m < size; ++m)
    std::ranges::copy(row(some, m % some.shape(0)), row(x, m).begin());
  return x;
}

// Fills row.latency_us: the median time of pass(x), x one batch of each size.
template <class Pass>
void time_batches(const TestDigits& digits, ModelRow& row, Pass&& pass) {
  for (std::size_t size : kBatchesToTime) {
    const Matrix<float> x = batch_to_time(digits, size);
    row.latency_us[size] = median_microseconds([&] { pass(x); });
  }
}

}  // namespace qfs

// How long one batch takes: the sizes that every table of this course has, and the digits for them.
#pragma once

#include <array>

#include "common/dataset.hpp"
#include "common/report.hpp"
#include "common/stopwatch.hpp"
#include "common/tensor.hpp"

namespace qfs {

// One digit, a batch as in training, and as many as calibration takes.
inline constexpr std::array<std::size_t, 3> kBatchesToTime = {1, 64, 1000};

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

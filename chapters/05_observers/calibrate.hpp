// Calibration: run some training digits through the float net, and let an observer watch every
// tensor that will have to become integers.
#pragma once

#include <algorithm>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "05_observers/observer.hpp"
#include "common/dataset.hpp"

namespace qfs {

// [calibration_set]
// The digits that may be looked at to choose scales: the first `count` of the training digits (all
// of them when there are fewer). It cannot be made from test digits: an accuracy measured on the
// digits that chose the scales would say nothing about new ones.
class CalibrationSet {
 public:
  explicit CalibrationSet(const TrainDigits& digits, std::size_t count = 1000)
      : digits_(&digits), size_(std::min(count, digits.size())) {
    require(size_ > 0, "calibration needs digits", size_, "at least 1", "check --data");
  }
  explicit CalibrationSet(const TrainDigits&&, std::size_t = 1000) = delete;  // it keeps no copy
  std::size_t size() const { return size_; }
  // Normalized, digits begin to end (not included).
  Matrix<float> batch(std::size_t begin, std::size_t end) const {
    return normalized(digits_->pixels, begin, std::min(end, size_));
  }

 private:
  const TrainDigits* digits_;
  std::size_t size_;
};
static_assert(!std::is_constructible_v<CalibrationSet, const TestDigits&> &&
              !std::is_constructible_v<CalibrationSet, const TestDigits&, std::size_t>);
// [/calibration_set]

// Where the output of a hidden layer is observed. after_linear: before the ReLU, so that a
// layer's integers can hold what the ReLU will cut (chapter 06). after_relu: only what is
// left (chapter 07).
enum class OutputPoint { after_linear, after_relu };

// What each quantizer must cover: the input of the net, and the output of every layer.
struct ActivationIntervals {
  Interval input;
  std::vector<Interval> outputs;
};

inline void require_batch(std::size_t batch_size) {
  require(batch_size > 0, "calibration needs batches of at least one digit", batch_size,
          "1 or more", "100 is usual");
}

// [calibrate]
// A pass in float over one batch, x B x pixels, that shows what will have to become integers:
// it calls tap(0, ...), tap(1, ...), up to tap(tensors - 1, ...), each with all values of one
// tensor.
using Tap = std::function<void(std::size_t tensor, std::span<const float> values)>;
using TappedPass = std::function<void(const Matrix<float>& x, const Tap& tap)>;

// The interval of every tensor of `pass`. Each gets its own copy of `fresh`.
template <Observer O>
std::vector<Interval> calibrate(const TappedPass& pass, std::size_t tensors,
                                const CalibrationSet& digits, std::size_t batch_size,
                                const O& fresh = O{}) {
  require_batch(batch_size);
  std::vector<O> observers(tensors, fresh);
  const Tap tap = [&](std::size_t t, std::span<const float> values) {
    observers.at(t).observe(values);
  };
  for (std::size_t begin = 0; begin < digits.size(); begin += batch_size)
    pass(digits.batch(begin, begin + batch_size), tap);
  std::vector<Interval> intervals;
  for (const O& observer : observers) intervals.push_back(observer.interval());
  return intervals;
}

// The pass of an MLP: tensor 0 is its input, tensor i the output of layer i. It adds in fixed
// order, so that the intervals, and all integers that follow from them, are the same on every
// machine.
inline void tapped_forward(const Mlp& mlp, OutputPoint point, Matrix<float> x, const Tap& tap) {
  tap(0, values(std::as_const(x)));
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    x = linear_forward_ref(mlp.layers[i], x);
    if (point == OutputPoint::after_linear) tap(i + 1, values(std::as_const(x)));
    if (i + 1 < mlp.layers.size()) relu_forward(x);
    if (point == OutputPoint::after_relu) tap(i + 1, values(std::as_const(x)));
  }
}

template <Observer O>
ActivationIntervals calibrate(const Mlp& mlp, const CalibrationSet& digits, OutputPoint point,
                              std::size_t batch_size, const O& fresh = O{}) {
  const auto pass = [&](const Matrix<float>& x, const Tap& tap) {
    tapped_forward(mlp, point, x, tap);
  };
  std::vector<Interval> all = calibrate<O>(pass, mlp.layers.size() + 1, digits, batch_size, fresh);
  return {all.front(), {all.begin() + 1, all.end()}};
}
// [/calibrate]

}  // namespace qfs

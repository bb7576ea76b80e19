// What a net's activations reach on one matrix of inputs: the intervals of its quantized copies.
#pragma once

#include "04_mnist_mlp/mlp.hpp"
#include "05_observers/calibrate.hpp"

namespace qfs::test {

// The smallest and the largest number of x (M x K), and of the output of each layer at `point`.
inline ActivationIntervals intervals_of(const Mlp& mlp, const Matrix<float>& x, OutputPoint point) {
  ActivationIntervals intervals{{}, std::vector<Interval>(mlp.layers.size())};
  tapped_forward(mlp, point, x, [&](std::size_t t, std::span<const float> numbers) {
    (t == 0 ? intervals.input : intervals.outputs[t - 1]) = min_max(numbers);
  });
  return intervals;
}

}  // namespace qfs::test

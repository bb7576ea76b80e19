// A net of convolutions in integers: chapter 06's list of operations, made from chapter 20's list
// of layers.
#pragma once

#include "05_observers/calibrate.hpp"
#include "21_int8_cnn/cnn_operations.hpp"
#include "21_int8_cnn/fold_bn.hpp"
#include "21_int8_cnn/plumbing/cnn_parts.hpp"

namespace qfs {

// The interval of every tensor of the net, by its number.
using TensorIntervals = std::vector<Interval>;

// quantize, one operation a layer, dequantize. Every conv2d, add, average_pool and linear gets
// scale and zero point from its tensor's interval; relu and max_pool keep those of their input.
// Throws Error where batch norm is left (fold it), an interval is missing, or there is no layer.
QuantizedNet quantize_cnn(const Cnn& folded, const TensorIntervals& intervals,
                          const PtqOptions& options);

// The same with given parameters, one pair a tensor; those of relu and max_pool are not looked at.
QuantizedNet quantize_cnn(const Cnn& folded, std::span<const QuantParams> params,
                          const PtqOptions& options);

// The first without a relu where chapter 07's fuse can do without: what it reads gets the interval
// after it (eq. 7.3).
QuantizedNet quantize_fused_cnn(const Cnn& folded, const TensorIntervals& intervals,
                                const PtqOptions& options);

// The pass of a Cnn for chapter 05's calibrate: tensor by tensor, in fixed order.
template <Observer O>
TensorIntervals calibrate(const Cnn& cnn, const CalibrationSet& digits, std::size_t batch_size,
                          const O& fresh = O{}) {
  const auto pass = [&](const Matrix<float>& x, const Tap& tap) { forward_ref(cnn, x, tap); };
  return calibrate<O>(pass, cnn.tensors.size(), digits, batch_size, fresh);
}

// The interval of a tensor that a relu alone reads becomes the relu's: what fuse leaves.
TensorIntervals after_relu(const Cnn& cnn, TensorIntervals intervals);

}  // namespace qfs

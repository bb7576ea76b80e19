// A Linear layer in integers: what is computed once, offline, from the float layer and from the
// intervals that calibration found.
//
// Symbols as in the text: s_x, z_x the input's scale and zero point, s_w the weights' (their zero
// point is 0), s_y, z_y the output's.
#pragma once

#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"
#include "04_mnist_mlp/layers.hpp"
#include "common/tensor.hpp"

namespace qfs {

// One weight scale for the whole matrix, or one per output (a row of the weight).
enum class WeightGranularity { per_tensor, per_channel };

// Weights are symmetric in -128..127: PyTorch's qint8, whose scale is max |w| / 127.5.
inline constexpr QuantRange kWeightRange = signed_range(8);

// [quantized_linear]
// The layer takes u8 integers of `input` in `input_range` and gives u8 integers of `output` in
// `output_range`. A fused ReLU (chapter 07) raises output_range.qmin to the zero point.
struct QuantizedLinear {
  Matrix<std::int8_t> weight{};  // N x K
  Vector<float> weight_scale{};  // s_w: 1, or N
  Vector<std::int32_t> bias{};   // N, of scale s_x s_w and zero point 0
  QuantParams input;
  QuantRange input_range;  // the largest value a layer may see is written here, not found in data
  QuantParams output;
  QuantRange output_range;
  Vector<float> multiplier{};  // m = s_x s_w / s_y: 1, or N
  std::size_t inputs() const { return weight.shape(1); }
  std::size_t outputs() const { return weight.shape(0); }
};
// [/quantized_linear]

// Throws Error where a scale gives no integers (chapter 02's quantize_bias and output_multiplier)
// or where a weight is not finite.
QuantizedLinear quantize_linear(const Linear& layer, QuantParams input, QuantRange input_range,
                                QuantParams output, QuantRange output_range,
                                WeightGranularity granularity);

// The same for weights whose parameters and integers are given: one pair or one per output, each
// with zero point 0. Throws Error where their number is neither, or 8 bits do not hold the range.
QuantizedLinear quantize_linear(const Linear& layer, QuantParams input, QuantRange input_range,
                                QuantParams output, QuantRange output_range,
                                std::span<const QuantParams> weights, QuantRange weight_range);

// m of every output channel, from the three scales (eq. 6.4).
Vector<float> output_multipliers(const QuantizedLinear& layer);

// What a model file or a hand-made layer must keep to: shapes that fit together, scales that are
// positive and finite, ranges within 0..255, zero points within their range. Throws Error that
// begins with `name`.
void require_valid(const QuantizedLinear& layer, const std::string& name);

// The same for one tensor of activations.
void require_valid(QuantParams params, QuantRange range, const std::string& name);

}  // namespace qfs

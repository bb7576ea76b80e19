// The parts of a layer that become integers offline: its weights, its biases, its multipliers.
//
// Symbols as in the text: s_x, z_x the input's scale and zero point, s_w the weights' (their zero
// point is 0), s_y, z_y the output's; N outputs, K inputs.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "01_affine_math/affine.hpp"
#include "common/tensor.hpp"

namespace qfs {

// One weight scale for the whole matrix, or one per output (a row of the weight).
enum class WeightGranularity { per_tensor, per_channel };

// Weights are symmetric in -128..127: PyTorch's qint8, whose scale is max |w| / 127.5.
inline constexpr QuantRange kWeightRange = signed_range(8);

// [quantized_weight]
struct QuantizedWeight {
  Matrix<std::int8_t> q{};  // N x K, zero point 0; of a convolution K is kh kw cin
  Vector<float> scale{};    // s_w: 1, or N
  std::size_t inputs() const { return q.shape(1); }
  std::size_t outputs() const { return q.shape(0); }
};

// Scale and integers from the reals (eq. 6.1, 6.2). Throws Error where a weight is not finite.
QuantizedWeight quantize_weight(const Matrix<float>& weight, WeightGranularity granularity);
// [/quantized_weight]

// The same with given parameters: one pair or one per output, each with zero point 0. Throws Error
// where their number is neither, or 8 bits do not hold the range.
QuantizedWeight quantize_weight(const Matrix<float>& weight, std::span<const QuantParams> params,
                                QuantRange range);

// Every bias as an integer of scale s_x s_w (eq. 6.3). Throws Error where 32 bits do not hold it.
Vector<std::int32_t> quantize_biases(std::span<const float> bias, float x_scale,
                                     std::span<const float> w_scales);

// m for every weight scale (eq. 6.4). Throws Error where the scales give no multiplier.
Vector<float> output_multipliers(float x_scale, std::span<const float> w_scales, float y_scale);

// What a model file or a hand-made weight must keep to: not empty, one scale or one per output,
// positive and finite. Throws Error that begins with `name`.
void require_valid(const QuantizedWeight& weight, const std::string& name);

// Throws Error unless `scale` is a positive normal float32.
void require_scale(float scale, const std::string& name);

}  // namespace qfs

// Dynamic quantization of a Linear layer: its weights are integers beforehand, its inputs become
// integers when they come, with a scale and a zero point that are found in them.
//
// Symbols as in the text: B rows of K inputs, N outputs; s_x, z_x the scale and zero point of the
// inputs, s_w the scale of the weights (their zero point is 0), b the bias.
#pragma once

#include <vector>

#include "06_static_ptq/backend.hpp"

namespace qfs {

// [options]
// Who shares a scale and a zero point: all rows of a batch, or each row for itself.
enum class InputGranularity { per_tensor, per_row };

// How they follow from the smallest and the largest input.
enum class RangeRule {
  pytorch,  // quantize_dynamic: float64, and x * (1 / s) on the way to integers
  onnx      // DynamicQuantizeLinear: float32, and x / s
};

struct DynamicOptions {
  InputGranularity granularity = InputGranularity::per_tensor;
  RangeRule rule = RangeRule::pytorch;
};
// [/options]

// PyTorch's scale where the range is nothing (1 / scale would be no float32), and its smallest
// other.
inline constexpr double kScaleOfZeros = 0.1;
inline constexpr float kSmallestDynamicScale = 6.1e-5F;

// s_x and z_x (eq. 8.1, 8.2) for inputs from interval.min to interval.max, widened to contain 0.
// onnx: inputs that are all 0, or so small that float32 has no normal scale for them, get the
// scale 1. Throws Error where an end is not finite, or (onnx) where float32 can not say the width.
QuantParams dynamic_qparams(Interval interval, QuantRange range, RangeRule rule);

// [dynamic_linear]
// Offline, all there is: the weights of chapter 06 and the bias as it was.
struct DynamicLinear {
  Matrix<std::int8_t> weight{};  // N x K
  Vector<float> weight_scale{};  // s_w: 1, or N
  Vector<float> bias{};          // N
  std::size_t inputs() const { return weight.shape(1); }
  std::size_t outputs() const { return weight.shape(0); }
};

// Made ready for one backend, once.
struct PackedDynamicLinear {
  const Backend* backend = nullptr;
  PackedWeight weight{};
  Vector<float> weight_scale{};
  Vector<std::int32_t> weight_sum{};  // N: the sum of q_w over each row of the weight
  Vector<float> bias{};
};
// [/dynamic_linear]

// Weights symmetric in -128..127, as quantize_linear makes them.
DynamicLinear quantize_dynamic(const Linear& layer, WeightGranularity granularity);

// `activations` is the range the inputs will be quantized to. Throws Error where the layer is not
// valid (the message begins with `name`), or where a sum could leave 32 bits.
PackedDynamicLinear pack(const DynamicLinear& layer, QuantRange activations, const Backend& backend,
                         const std::string& name);

// The four steps of run time. Inputs of a batch as integers:
struct QuantizedInput {
  std::vector<QuantParams> params;  // one, or one per row; none for no rows
  Matrix<std::uint8_t> q;           // B x K
};

// 1. Throws Error where an input is NaN or infinite: a range that holds it does not exist.
std::vector<QuantParams> find_qparams(const Matrix<float>& x, QuantRange range,
                                      const DynamicOptions& options);
// 2. Integers by those parameters.
Matrix<std::uint8_t> quantize_rows(const Matrix<float>& x, std::span<const QuantParams> params,
                                   QuantRange range, RangeRule rule);
// 1 and 2.
QuantizedInput quantize_input(const Matrix<float>& x, QuantRange range,
                              const DynamicOptions& options);
// 3. The raw product, B x N.
Matrix<std::int32_t> raw_product(const PackedDynamicLinear& layer, const Matrix<std::uint8_t>& q);
// 4. Reals again (eq. 8.3, 8.4), B x N.
Matrix<float> dequantize_sums(const PackedDynamicLinear& layer, const Matrix<std::int32_t>& acc,
                              std::span<const QuantParams> params);

// All four.
Matrix<float> dynamic_forward(const PackedDynamicLinear& layer, const Matrix<float>& x,
                              const DynamicOptions& options);

}  // namespace qfs

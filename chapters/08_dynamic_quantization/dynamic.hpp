// Dynamic quantization of a Linear layer: its weights are integers beforehand, its inputs become
// integers when they come, with a scale and a zero point that are found in them. Reals in, reals
// out: two more rows of chapter 06's table of operations.
//
// Symbols as in the text: B rows of K inputs, N outputs; s_x, z_x the scale and zero point of the
// inputs, s_w the scale of the weights (their zero point is 0), b the bias.
#pragma once

#include <vector>

#include "06_static_ptq/operations.hpp"

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

// Inputs of a batch as integers.
struct QuantizedInput {
  std::vector<QuantParams> params;  // one, or one per row; none for no rows
  Matrix<std::uint8_t> q;           // B x K
};

// Finds the parameters, then the integers. Keeps `input`'s memory where its shape stays. Throws
// Error where an input is NaN or infinite: a range that holds it does not exist.
void quantize_input(std::span<const float> x, std::size_t rows, QuantRange range,
                    const DynamicOptions& options, const Backend& backend, QuantizedInput& input);
QuantizedInput quantize_input(const Matrix<float>& x, QuantRange range,
                              const DynamicOptions& options);

// What happens to the inputs of a dynamic_linear, as its attributes say.
struct DynamicInput {
  QuantRange range = unsigned_range(8);  // the integers that they may become
  DynamicOptions options{};
};

// dynamic_linear and relu_f32 in turn, on tensors of reals. No interval and no calibration: nothing
// about the inputs is known beforehand but the integers they may become.
QuantizedNet quantize_dynamic(const Mlp& mlp,
                              WeightGranularity weights = WeightGranularity::per_tensor,
                              const DynamicInput& input = {});

// The same net with every dynamic_linear's inputs treated so.
QuantizedNet with_input(QuantizedNet net, const DynamicInput& input);

// Reads the attributes "range", "per_row" and "onnx_rule". Throws Error where one is missing, is
// none of these, or means nothing.
DynamicInput dynamic_input_of(const QuantizedNet& net, const Operation& operation);

// Chapter 06's rows, and dynamic_linear and relu_f32.
std::span<const OperationKind> dynamic_operations();

// How raw sums become reals (eq. 8.3, 8.4).
ToF32 make_to_f32(const Weights& weights);

// PyTorch's scales depend on who shares the batch: its size is part of every result. Ours, unless
// the text says otherwise.
inline constexpr std::size_t kDynamicBatch = 100;

// Rows begin to end (not included).
Matrix<float> rows_of(const Matrix<float>& x, std::size_t begin, std::size_t end);

// Logits of all rows, batch after batch.
Matrix<float> run_in_batches(const PackedNet& net, const Matrix<float>& x,
                             std::size_t batch_size = kDynamicBatch);

}  // namespace qfs

// What ONNX Runtime computes and chapter 06 rounds otherwise: rows of our own for its table.
#pragma once

#include "06_static_ptq/operations.hpp"

namespace qfs {

// quantize_onnx: round(x / s) + z, where chapter 06's quantize has round(x * (1 / s)) + z
// (eq. 24.6).
// linear_onnx, conv2d_onnx: m = s_x s_w / s_y, where linear and conv2d have s_x s_w * (1 / s_y)
// (eq. 24.7).
// Beside them chapter 21's rows.
std::span<const OperationKind> onnx_operations();

// m for every weight scale, as ONNX Runtime computes it. Throws Error where the scales give none.
Vector<float> output_multipliers_onnx(float x_scale, std::span<const float> w_scales,
                                      float y_scale);

// Chapter 06's make_to_u8 with those multipliers.
ToU8 make_to_u8_onnx(const OperationParts& layer);

}  // namespace qfs

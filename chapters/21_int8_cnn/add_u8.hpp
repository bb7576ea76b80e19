// The residual's sum in integers: two inputs of different scales, one output of a third.
//
// Symbols as in the text: s_a, z_a and s_b, z_b of the inputs, s_y, z_y of the output; r_a = s_a /
// s_y, r_b = s_b / s_y.
#pragma once

#include <span>

#include "01_affine_math/affine.hpp"

namespace qfs {

// Whose integers: they differ near ties only. Both are exact to the last integer on every CPU.
enum class AddRule {
  onnx_runtime,  // in float32, by fused multiply-adds: what its QLinearAdd computes on AVX2
  qnnpack        // PyTorch's engine: two integers of at most 2^22, one shift, halves away from 0
};

struct AddU8 {
  AddRule rule = AddRule::onnx_runtime;
  float a_ratio = 0.0F, b_ratio = 0.0F;                       // r_a, r_b
  float offset = 0.0F;                                        // z_y - (r_a z_a + r_b z_b)
  std::int32_t a_multiplier = 0, b_multiplier = 0, bias = 0;  // qnnpack's: M_a, M_b, and -(M_a z_a
  int shift = 0;                                              // + M_b z_b); 2^shift r = M
  QuantParams output{};
  QuantRange range{};
};

// Throws Error where a ratio is no positive normal float32, or the offset is not finite; by
// qnnpack's rule, where a ratio is outside [2^-14, 2^8), or both are below 2^-10.
AddU8 make_add(QuantParams a, QuantParams b, QuantParams output, QuantRange range, AddRule rule);

// onnx_runtime: clamp(round(r_a a + (r_b b + offset))), each bracket one fused multiply-add (eq.
// 21.10). qnnpack: clamp(z_y + round((M_a a + M_b b + bias) / 2^shift)) (eq. 21.11).
std::uint8_t add_one(const AddU8& add, std::uint8_t a, std::uint8_t b);

// All of them; `vectors` asks for AVX2 and FMA, where the CPU has them. The same integers.
void add_u8(const AddU8& add, std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
            std::span<std::uint8_t> y, bool vectors);

}  // namespace qfs

// Two runtimes compute one multiplier in two ways, and a net that should give the same integers in
// both must not care which.
//
// Symbols as in the text: s_x, s_w, s_y the scales of an input, a weight and an output; m the
// multiplier.
#pragma once

#include "06_static_ptq/quantized_net.hpp"

namespace qfs {

// [portable]
// m = (s_x s_w) / s_y in float32: ONNX Runtime's (eq. 23.6). Ours and PyTorch's is (s_x s_w) (1 /
// s_y) (chapter 02's output_multiplier). Where they differ, it is in the last bit.
float multiplier_by_division(float x_scale, float w_scale, float y_scale);

// How many multipliers of the net's Linears and convolutions the two rules do not agree on.
std::size_t count_disputed(const QuantizedNet& net);

// The same net with scales on which they agree, each the nearest float32 that does: of the
// activations one whose reciprocal is right to 2^-26 (equal scales stay equal), then of every
// weight, for all operations that share it. No integer of the net changes: weights, biases, zero
// points. A result may, where it falls next to a half. A scale moves by 4096 units in its last
// place at most, an eighth of the step of 8 bits, and nearly always by a few. Throws Error where
// that does not do.
QuantizedNet with_portable_scales(QuantizedNet net);
// [/portable]

}  // namespace qfs

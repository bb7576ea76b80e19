// Layer fusion: a Linear and the ReLU after it as one operation.
//
// Symbols as in the text: s_y, z_y a layer's output scale and zero point, [qmin, qmax] its range.
#pragma once

#include "06_static_ptq/operations.hpp"

namespace qfs {

// [fuse]
// A relu vanishes where its input is written by an operation that clamps (a linear, for one) and
// read by nobody else. That operation then writes the relu's tensor in place of its own. The range
// of that tensor starts at the zero point, so the clamp does what the relu did: for every sum the
// integers are the same (eq. 7.2). Every other relu stays.
QuantizedNet fuse(const QuantizedNet& net,
                  std::span<const OperationKind> table = static_operations());
// [/fuse]

// Parameters of its own: `intervals` are those after ReLU (OutputPoint::after_relu), so that a
// hidden layer's integers stand for what the ReLU leaves and for nothing else (eq. 7.3).
QuantizedNet quantize_fused_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                                const PtqOptions& options);

// Throws Error where a hidden layer's interval reaches below 0: it was observed before the ReLU.
void require_after_relu(const ActivationIntervals& intervals);

// The same net without the tensors that no operation reads or writes, numbered anew.
QuantizedNet without_unused_tensors(QuantizedNet net);

}  // namespace qfs

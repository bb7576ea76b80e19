// Layer fusion: a Linear and the ReLU after it as one operation.
//
// Symbols as in the text: s_y, z_y a layer's output scale and zero point, [qmin, qmax] its range.
#pragma once

#include "06_static_ptq/operations.hpp"

namespace qfs {

// [fuse]
// Every relu right behind an operation that clamps (a linear, for one) vanishes: that operation
// writes the relu's tensor, whose range starts at the zero point, and so it clamps there. For every
// sum the integers are those that the two gave one after the other (eq. 7.2). A relu stays where
// somebody else reads what is before it, too.
QuantizedNet fuse(const QuantizedNet& net,
                  std::span<const OperationKind> table = static_operations());
// [/fuse]

// Parameters of its own: `intervals` are those after ReLU (OutputPoint::after_relu), so that a
// hidden layer's integers stand for what the ReLU leaves and for nothing else (eq. 7.3). Throws
// Error where a hidden layer's interval reaches below 0: it was observed before the ReLU.
QuantizedNet quantize_fused_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                                const PtqOptions& options);

// The same net without the tensors that no operation reads or writes, numbered anew.
QuantizedNet without_unused_tensors(QuantizedNet net);

}  // namespace qfs

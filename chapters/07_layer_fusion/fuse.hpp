// Layer fusion: a Linear and the ReLU after it as one operation.
//
// Symbols as in the text: s_y, z_y a layer's output scale and zero point, [qmin, qmax] its range.
#pragma once

#include <span>
#include <vector>

#include "06_static_ptq/quantized_mlp.hpp"

namespace qfs {

// [operations]
// A net as the list of what is run, one after the other.
enum class OperationKind { linear, relu, linear_relu };
struct Operation {
  OperationKind kind = OperationKind::linear;
  std::size_t layer = 0;  // whose output it writes
  friend constexpr bool operator==(Operation, Operation) = default;
};

// Linear, ReLU, Linear, ReLU, ..., Linear: a net of that many layers, without fusion.
std::vector<Operation> operations(std::size_t layers);

// Every Linear with a ReLU right after it becomes one LinearReLU. All else stays as it is.
std::vector<Operation> fuse_operations(std::span<const Operation> list);
// [/operations]

// The same parameters: the layer that gives, in one step, what `layer` and relu_u8 after it give,
// for every sum (eq. 7.2).
QuantizedLinear fuse(QuantizedLinear layer);

// The same for every layer of the net that a ReLU follows: all but the last.
QuantizedMlp fuse(QuantizedMlp net);

// Parameters of its own: `intervals` are those after ReLU (OutputPoint::after_relu), so that a
// hidden layer's integers stand for what the ReLU leaves and for nothing else (eq. 7.3). Throws
// Error where a hidden layer's interval reaches below 0: it was observed before the ReLU.
QuantizedMlp quantize_fused_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                                const PtqOptions& options);

}  // namespace qfs

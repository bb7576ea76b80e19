// What a net must keep to, so that it can be run: nets come from files and from other people's
// code.
#pragma once

#include <span>

#include "06_static_ptq/operations.hpp"

namespace qfs {

// Throws Error unless the net is a list that can be run from front to back: every number is one of
// a tensor or weight that exists, every tensor but the first is written once, and before it is
// read. Tensors of u8 have a usable scale, a range within 0..255 and their zero point within it.
void require_valid(const QuantizedNet& net);

// Throws Error unless the net can be run: require_valid(net), and every operation's own check.
void require_valid(const QuantizedNet& net, std::span<const OperationKind> table);

// For the checks of rows; each throws Error that begins with name_of(net, operation).
void require_inputs(const QuantizedNet& net, const Operation& operation, std::size_t inputs);
void require_type(const QuantizedNet& net, const Operation& operation, std::size_t tensor,
                  DType type);
void require_same_size(const QuantizedNet& net, const Operation& operation);
// The weights of a Linear: N x K for an output of N and an input of K elements.
void require_fitting_weights(const QuantizedNet& net, const Operation& operation);

// The checks of chapter 06's rows: one tensor in, one out, nothing that the row would not look at.
void check_quantize(const QuantizedNet& net, const Operation& operation);
void check_linear(const QuantizedNet& net, const Operation& operation);
void check_relu(const QuantizedNet& net, const Operation& operation);
void check_dequantize(const QuantizedNet& net, const Operation& operation);

}  // namespace qfs

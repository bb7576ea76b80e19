// What the operations of chapter 21 must keep to: nets come from files.
#pragma once

#include "06_static_ptq/quantized_net.hpp"

namespace qfs {

// The checks of chapter 21's rows (06_static_ptq/operations.hpp): each throws Error that begins
// with name_of(net, operation).
void check_conv2d(const QuantizedNet& net, const Operation& operation);
void check_max_pool(const QuantizedNet& net, const Operation& operation);
void check_average_pool(const QuantizedNet& net, const Operation& operation);
void check_add(const QuantizedNet& net, const Operation& operation);

}  // namespace qfs

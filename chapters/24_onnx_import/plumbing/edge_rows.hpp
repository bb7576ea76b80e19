// The rows quantize_onnx and linear_onnx, which are chapter 06's but for a quotient.
#pragma once

#include "06_static_ptq/operations.hpp"

namespace qfs {

OperationKind quantize_onnx_kind();
OperationKind linear_onnx_kind();

}  // namespace qfs

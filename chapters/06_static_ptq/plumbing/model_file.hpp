// A quantized net as one file, whose size is the size we quote.
//
// Records of common/container_file.hpp; T tensors, P operations, W weights:
//   tensors       s32 {T, 5}   type (a DType), rank, zero point, qmin, qmax
//   shapes        s32          the extents of tensor 0, of tensor 1, ...
//   scales        f32 {T}
//   kinds         u8           "quantize\nlinear\n...", one line per operation
//   operations    s32 {P, 3}   number of inputs, output, number of the weights or -1
//   inputs        s32          the inputs of operation 1, of operation 2, ...
//   2.stride      s32          the attribute `stride` of operation 2
//   w1.q          s8  {N, K}   and so on for w2, w3, ...
//   w1.scale      f32 {1 or N}
//   w1.bias       s32 {N}      or w1.real_bias, f32 {N}
// The multipliers follow from the scales. New kinds of operations need no new form of the file.
#pragma once

#include <span>
#include <string>

#include "06_static_ptq/operations.hpp"

namespace qfs {

// Writes atomically. Returns the size that the file system reports for the written file.
std::size_t save_model(const std::string& path, const QuantizedNet& net,
                       std::span<const OperationKind> table = static_operations());

// Throws Error when the file is damaged in any bit, or is a container of something else, or holds a
// net that `table` could not run: shapes that do not fit, a scale that is 0 or not finite, a zero
// point outside its range, sums that may leave 32 bits.
QuantizedNet load_model(const std::string& path,
                        std::span<const OperationKind> table = static_operations());

// The same from memory; `name` is for messages.
QuantizedNet parse_model(std::span<const std::byte> file, const std::string& name,
                         std::span<const OperationKind> table = static_operations());

}  // namespace qfs

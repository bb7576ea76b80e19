// A quantized net as one file, whose size is the size we quote.
//
// Records of common/container_file.hpp, L layers of N x K weights:
//   mlp          s32 {2}          L; 1 where ReLU is fused, else 0
//   scale        f32 {L + 1}      of the input, then of every layer's output
//   zero_point   s32 {L + 1}
//   range        s32 {L + 1, 2}   qmin, qmax
//   fc1.weight   s8  {N, K}       and so on for fc2, fc3, ...
//   fc1.scale    f32 {1 or N}
//   fc1.bias     s32 {N}
// The multipliers follow from the scales.
#pragma once

#include <span>
#include <string>

#include "06_static_ptq/quantized_mlp.hpp"

namespace qfs {

inline constexpr std::int32_t kMaxLayers = 1000;

// Writes atomically. Returns the size that the file system reports for the written file.
std::size_t save_model(const std::string& path, const QuantizedMlp& net);

// Throws Error when the file is damaged in any bit, or is a container of something else, or holds a
// net that could not run: shapes that do not chain, a scale that is 0 or not finite, a zero point
// outside its range, sums that may leave 32 bits.
QuantizedMlp load_model(const std::string& path);

// The same from memory; `name` is for messages.
QuantizedMlp parse_model(std::span<const std::byte> file, const std::string& name);

}  // namespace qfs

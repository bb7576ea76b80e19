// A net with dynamic quantization as one file, whose size is the size we quote.
//
// Records of common/container_file.hpp, L layers of N x K weights:
//   dynamic_mlp  s32 {3}      L, and qmin, qmax of the activations
//   fc1.weight   s8  {N, K}   and so on for fc2, fc3, ...
//   fc1.scale    f32 {1 or N}
//   fc1.bias     f32 {N}
#pragma once

#include <span>
#include <string>

#include "08_dynamic_quantization/dynamic_mlp.hpp"

namespace qfs {

// Writes atomically. Returns the size that the file system reports for the written file.
std::size_t save_dynamic(const std::string& path, const DynamicMlp& net);

// Throws Error when the file is damaged in any bit, or is a container of something else (a net of
// chapter 06, for one), or holds a net that could not run: shapes that do not chain, a scale that
// is 0 or not finite, a bias that is not finite, sums that may leave 32 bits.
DynamicMlp load_dynamic(const std::string& path);

// The same from memory; `name` is for messages.
DynamicMlp parse_dynamic(std::span<const std::byte> file, const std::string& name);

}  // namespace qfs

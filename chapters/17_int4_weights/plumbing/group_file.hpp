// An MLP with weights in groups as one file: the only size that counts.
//
// Records of common/container_file.hpp, for layer i from 1 on:
//   wi.shape  s32 {3}      K, group size, bits
//   wi.q      u8  {N, B}   the integers without gaps (eq. 17.2); every row begins at a byte
//   wi.scale  u8  {S, 2}   S float16, low byte first: 1, or N G of the rows one after the other;
//             or f32 {S}
//   wi.bias   f32 {N}
//   wi.input  f32 {2}      scale and zero point of the bytes that the layer reads
#pragma once

#include <string>

#include "17_int4_weights/group_mlp.hpp"

namespace qfs {

// Writes atomically; returns the size of the file.
std::size_t save_group_mlp(const std::string& path, const GroupMlp& net);

// Throws Error where the file is damaged in any bit, is a container of something else, or holds
// what is no such net: layers that do not chain, another number of scales than of groups, a scale
// that is 0 or not finite.
GroupMlp load_group_mlp(const std::string& path);

}  // namespace qfs

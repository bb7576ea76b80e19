// Error against depth: random square nets, in float, in integers, and in fake-quantized float.
#pragma once

#include <cstdint>
#include <vector>

#include "16_debugging/layer_diff.hpp"

namespace qfs::ch16 {

inline constexpr std::size_t kDepth = 16, kWidth = 64;

// After layer d + 1 of a net with one seed; a net of d + 1 layers is the first d + 1 of them.
struct DepthRow {
  double in_turn_db = 0.0;  // the integers against float
  double alone_db = 0.0;    // the layer's own error
  double added_db = 0.0;    // the sum of all own errors so far (eq. 16.4)
  double drifted = 0.0;     // share of the integers that fake quantization, run on its own, has
                            // otherwise
  double most_steps = 0.0;  // how far apart the two are, at most
};
std::vector<DepthRow> error_by_depth(std::uint64_t seed, std::size_t rows);

}  // namespace qfs::ch16

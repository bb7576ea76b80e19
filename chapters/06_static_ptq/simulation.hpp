// Fake quantization in float (chapter 03) beside the integers: where the two differ, and whether
// float rounding alone can have done it.
#pragma once

#include "06_static_ptq/quantized_net.hpp"

namespace qfs {

// The bias as the float graph has it, or as the integers have it: rounded to a multiple of s_x s_w.
enum class BiasRounding { none, as_integers };

// The layer as fake quantization simulates it: q_x to reals, a float product in fixed order, the
// bias. B x N reals, not yet on the grid of the output. `real_bias` is used without rounding.
Matrix<float> simulate(const OperationParts& layer, const Matrix<std::uint8_t>& q_x,
                       BiasRounding rounding, std::span<const float> real_bias);

// The outputs of a simulation against the integers of one layer, both given the same q_x.
struct Agreement {
  std::size_t outputs = 0, differ = 0;
  std::size_t explained = 0;  // of those that differ: no further apart than (eq. 6.9) allows
  double farthest = 0.0;      // from a tie, in steps of the output, where they differ
};
Agreement compare(const OperationParts& layer, const Matrix<float>& simulated,
                  const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y,
                  BiasRounding bias);

}  // namespace qfs

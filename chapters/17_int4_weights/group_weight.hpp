// A weight in few bits, with a scale for the matrix, for every output, or for every group of inputs
// of an output.
//
// Symbols as in the text: N outputs, K inputs; a row is cut into G = ceil(K / group size) groups,
// the last of which may be short; s_w[n, g] the scale, q_w the integer; b bits.
#pragma once

#include <cstdint>
#include <span>

#include "01_affine_math/granularity.hpp"
#include "common/tensor.hpp"

namespace qfs {

// How a scale is stored. It is rounded before the weights are: the integers belong to the scale
// that the file will hold.
enum class ScaleFormat { float32, float16 };

struct GroupWeight {
  Matrix<std::int8_t> q{};     // N x K, in signed_range(bits), zero point 0
  Matrix<float> scale{};       // N x G, each exact in `format`; 1 x 1: one for the matrix
  std::size_t group_size = 0;  // inputs that share a scale: K or more is all of them
  int bits = 4;
  ScaleFormat format = ScaleFormat::float16;

  std::size_t outputs() const { return q.shape(0); }
  std::size_t inputs() const { return q.shape(1); }
  std::size_t groups() const { return (inputs() + group_size - 1) / group_size; }
  float scale_of(std::size_t n, std::size_t g) const {
    return scale.size() == 1 ? scale(0, 0) : scale(n, g);
  }
};

// Chapter 01's symmetric scale of each group, max |w| / ((2^b - 1) / 2), and its integers
// (eq. 17.1). A group of zeros has the smallest scale there is, 2^-23: exact in float16 too, and
// its integers are 0. Throws Error on NaN and infinity, on bits other than 2, 3, 4 or 8, on a group
// size of 0, on an axis other than 0, and where float16 would round a scale to infinity.
GroupWeight quantize_groups(const Matrix<float>& weight, int bits, Granularity granularity,
                            ScaleFormat format = ScaleFormat::float16);

// s_w q_w.
Matrix<float> dequantize(const GroupWeight& weight);

// Bytes of the integers, rows beginning at a byte, and of the scales.
std::size_t stored_bytes(const GroupWeight& weight);

// What a file or a hand-made weight must keep to. Throws Error that begins with `name` where it is
// empty, where an integer has more bits, where a scale is 0, negative, not finite or not exact in
// its format, or where their number is not that of the groups.
void require_valid(const GroupWeight& weight, const std::string& name);

}  // namespace qfs

// Where integers meet reals, in vectors: what stands between two products, and at both ends of a
// net. Each function gives what chapter 01's, 02's or 08's gives, number for number.
//
// The files avx2_edges.cpp and avx512_edges.cpp are compiled for what their names say; they see
// this header and nothing of the standard library (chapter 10, rungs.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::edges {

// Sums as kernels leave them: rows x outputs, rows `stride` elements apart.
struct Sums {
  const std::int32_t* at;
  std::size_t stride, rows, outputs;
};

// To 8 bits (eq. 2.9). One multiplier an output; `low` and `high` are the range less the zero
// point, which is 0 to 255.
struct ToU8 {
  const float* multiplier;
  float low, high;
  std::int32_t zero_point;
};
void to_u8_avx2(const Sums& sums, const ToU8& to, std::uint8_t* y, std::size_t y_stride);
void to_u8_avx512(const Sums& sums, const ToU8& to, std::uint8_t* y, std::size_t y_stride);

// To reals (eq. 8.3, 8.4): the zero point and the scale of row r are row[r * row_step].
struct RowParams {
  float scale;
  std::int32_t zero_point;
};
struct ToF32 {
  const std::int32_t* weight_sum;  // one an output
  const float* w_scale;
  const float* bias;
  const RowParams* row;
  std::size_t row_step;  // 0: one for all
};
void to_f32_avx2(const Sums& sums, const ToF32& to, float* y, std::size_t y_stride);

// Reals to integers (eq. 1.2): x * factor, or x / factor where `divide`. NaN becomes 0 steps. The
// zero point is 0 to 255.
struct Quantize {
  float factor;
  bool divide;
  float low, high;
  std::int32_t zero_point;
};
void quantize_avx2(const float* x, std::size_t count, const Quantize& to, std::uint8_t* q);
// Integers to reals (eq. 1.1).
void dequantize_avx2(const std::uint8_t* q, std::size_t count, float scale, std::int32_t zero_point,
                     float* x);
// The smallest and the largest of at least one number; false where one of them is not finite.
bool min_max_avx2(const float* x, std::size_t count, float* min, float* max);

}  // namespace qfs::edges

// The layer of the paper example as the lesson computes it.
#pragma once

#include <span>

#include "02_integer_products/dot.hpp"
#include "02_integer_products/paper_example.hpp"
#include "02_integer_products/requantize.hpp"
#include "common/cli.hpp"

namespace qfs {

// Everything that is known before an input comes.
struct PaperLayer {
  QuantParams w_params;
  Matrix<std::int8_t> w;              // 3 x 4
  Vector<std::int32_t> w_sums;        // sum q_w of each row
  Vector<std::int32_t> bias, folded;  // scale s_x s_w
  float multiplier = 0.0F;
  FixedPointMultiplier fixed;

  std::span<const std::int32_t> zero_points() const { return {&w_params.zero_point, 1}; }
};
PaperLayer prepare_paper_layer(QuantParams w_params, QuantRange w_range);

Matrix<std::uint8_t> paper_input();                  // q_x, 2 x 4
Matrix<std::int32_t> paper_sums(const PaperLayer&);  // acc, 2 x 3
Matrix<float> paper_float_product();                 // y = x W^T + b

// Prints one output from its reals to its integer and back.
void trace_output(const PaperLayer& layer, std::size_t m, std::size_t n);

}  // namespace qfs

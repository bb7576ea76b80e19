// What the sections of this lesson share: the layer of the paper example as the lesson computes it.
// One file a section or a few, in the order of the text.
#pragma once

#include <span>
#include <vector>

#include "02_integer_products/dot.hpp"
#include "02_integer_products/lesson/paper_example.hpp"
#include "02_integer_products/requantize.hpp"
#include "common/cli.hpp"

namespace qfs::ch02 {

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

void float_first();                                                 // section 1
void offline(const PaperLayer& layer, Lesson& lesson);              // 2
void run_time(const PaperLayer& layer, Lesson& lesson);             // 3
void back_to_four_bits(const PaperLayer& layer, Lesson& lesson);    // 4
void disagreement(Lesson& lesson);                                  // 5
void symmetric_weights(const PaperLayer& layer, Lesson& lesson);    // 6
void accumulator_bound(Lesson& lesson);                             // 7
void onnx_vectors(Lesson& lesson);                                  // 8
void mistakes(const PaperLayer& layer, Lesson& lesson);             // 9
void trace(const PaperLayer& layer, std::size_t m, std::size_t n);  // 10: one output

// --csv: shares of differing outputs by octave of the multiplier, for the figure.
void write_disagreement_curve(const Lesson& lesson);

void print_params(const char* name, QuantParams p, QuantRange range);
// Prints every output by the three rules; returns them: float, fixed, gemmlowp.
std::vector<Matrix<std::uint8_t>> print_three_rules(const PaperLayer& layer);
bool same_numbers(const auto& matrix, const auto& expected) {
  return std::ranges::equal(values(matrix), expected);
}
std::string place(std::size_t m, std::size_t n);  // "1,2"

}  // namespace qfs::ch02

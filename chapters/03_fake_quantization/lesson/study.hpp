// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "03_fake_quantization/noise.hpp"
#include "common/cli.hpp"
#include "common/tensor.hpp"

namespace qfs::ch03 {

void forward(Lesson& lesson);         // section 1, on paper
void gradient(Lesson& lesson);        // 2, on paper
void rounding_error(Lesson& lesson);  // 3
void clipping_error(Lesson& lesson);  // 4
// `weights` is the first layer of a trained network, out x in.
void fewer_bits(Lesson& lesson, const Matrix<float>& weights);     // 5
void outliers(Lesson& lesson, const Matrix<float>& weights);       // 6
void bytes_on_disk(Lesson& lesson, const Matrix<float>& weights);  // 7
void mistakes(Lesson& lesson);                                     // 8
void trace(const Matrix<float>& weights);                          // 9

// 100 000 numbers of variance 1, or from -1 to 1.
std::vector<float> normal_draws(std::uint64_t seed);
std::vector<float> laplace_draws(std::uint64_t seed);
std::vector<float> uniform_draws(std::uint64_t seed);

// Numbers to quantize, with what every row of a table needs of them.
struct Signal {
  explicit Signal(std::span<const float> numbers);
  double sqnr_db(float threshold, QuantRange range) const;
  std::span<const float> x;
  float largest = 0.0F;  // magnitude
  double power = 0.0;    // mean square
};

}  // namespace qfs::ch03

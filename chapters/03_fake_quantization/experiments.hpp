// Sections 3 to 7 of the lesson: the noise of quantization, measured beside the theory, and the
// bytes on disk.
#pragma once

#include <vector>

#include "common/cli.hpp"
#include "common/tensor.hpp"

namespace qfs {

// 100 000 standard normal numbers.
std::vector<float> normal_draws(std::uint64_t seed);

void rounding_error(Lesson& lesson);
void clipping_error(Lesson& lesson);
// `weights` is the first layer of a trained network, out x in.
void fewer_bits(Lesson& lesson, const Matrix<float>& weights);
void outliers(Lesson& lesson, const Matrix<float>& weights);
void bytes_on_disk(Lesson& lesson, const Matrix<float>& weights);

}  // namespace qfs

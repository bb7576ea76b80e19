// Exercise 22.1, solved.
#pragma once

#include <cmath>

#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"
#include "common/check.hpp"

namespace exercise {

// [solution]
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels();
  qfs::Conv2d folded = conv;
  if (folded.bias.size() == 0) folded.bias = qfs::make_tensor<float>({conv.outputs()});
  for (std::size_t k = 0; k < conv.weight.shape(1); ++k) {
    const std::size_t c = k % C;
    const float f = norm.gamma(c) / std::sqrt(norm.running_variance(c) + norm.epsilon);
    const float o = norm.beta(c) - f * norm.running_mean(c);
    qfs::require(conv.window.padding == 0 || o == 0.0F, "the border would not be 0", o, 0,
                 "fold where there is no padding");
    for (std::size_t n = 0; n < conv.outputs(); ++n) {
      folded.weight(n, k) = conv.weight(n, k) * f;
      folded.bias(n) += conv.weight(n, k) * o;
    }
  }
  return folded;
}
// [/solution]

}  // namespace exercise

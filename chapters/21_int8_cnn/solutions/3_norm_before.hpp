// Exercise 21.3, solved.
#pragma once

#include <cmath>

#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"

namespace exercise {

// [solution]
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
// [/solution]

}  // namespace exercise

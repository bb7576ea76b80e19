// What the logits of a net can be at most: the scale of the rounding errors that a sum may have.
#pragma once

#include <cmath>

#include "04_mnist_mlp/mlp.hpp"

namespace qfs::test {

// |x| through the magnitudes of all weights and biases, B x outputs, in double. A logit whose sums
// and weights are rounded r times on the way is off by at most 1.01 r 2^-24 of that, for r up to
// 10^5.
inline Matrix<double> magnitudes(const Mlp& mlp, const Matrix<float>& x) {
  Matrix<double> m = make_tensor<double>({x.shape(0), x.shape(1)});
  for (std::size_t i = 0; i < x.size(); ++i)
    values(m)[i] = static_cast<double>(std::fabs(values(x)[i]));
  for (const Linear& layer : mlp.layers) {
    Matrix<double> next = make_tensor<double>({m.shape(0), layer.outputs()});
    for (std::size_t r = 0; r < m.shape(0); ++r)
      for (std::size_t n = 0; n < layer.outputs(); ++n) {
        next(r, n) = static_cast<double>(std::fabs(layer.bias(n)));
        for (std::size_t k = 0; k < layer.inputs(); ++k)
          next(r, n) += static_cast<double>(std::fabs(layer.weight(n, k))) * m(r, k);
      }
    m = next;
  }
  return m;
}

}  // namespace qfs::test

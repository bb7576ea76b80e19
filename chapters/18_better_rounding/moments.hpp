// All that GPTQ and AdaRound see of the calibration digits: two matrices of means.
//
// Symbols as in the text: x^ the inputs of a layer in the net rounded so far, R x K, one row a
// digit; y the outputs of the same layer of the float net without its bias, R x N.
#pragma once

#include "common/matmul_f32.hpp"
#include "common/tensor.hpp"

namespace qfs {

// [moments]
struct Moments {
  Matrix<float> inputs;   // G, K x K: the mean of x^_i x^_j (eq. 18.5)
  Matrix<float> outputs;  // D, N x K: the mean of y_n x^_j
};

inline Matrix<float> transposed(const Matrix<float>& a) {
  Matrix<float> t = make_tensor<float>({a.shape(1), a.shape(0)});
  for (std::size_t i = 0; i < a.shape(0); ++i)
    for (std::size_t j = 0; j < a.shape(1); ++j) t(j, i) = a(i, j);
  return t;
}

// In fixed order: the same bits on every machine, and G(i, j) = G(j, i). Throws Error where there
// is no row, the rows of x and y differ in number, or a number is not finite.
inline Moments moments(const Matrix<float>& x, const Matrix<float>& y) {
  require(x.shape(0) > 0 && x.shape(0) == y.shape(0),
          "moments: one row of outputs per row of inputs", y.shape(0), x.shape(0),
          "pass both of the same calibration digits, at least one");
  const Matrix<float> x_t = transposed(x);
  Moments m{matmul_f32(x_t, x_t), matmul_f32(transposed(y), x_t)};
  const float count = static_cast<float>(x.shape(0));
  for (Matrix<float>* sums : {&m.inputs, &m.outputs})
    for (float& value : values(*sums)) {
      value /= count;
      require(std::isfinite(value), "moments: the calibration digits make no finite mean", value,
              "finite activations", "look for NaN or infinity in the net's activations");
    }
  return m;
}
// [/moments]

}  // namespace qfs

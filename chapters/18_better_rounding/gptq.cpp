#include "18_better_rounding/gptq.hpp"

#include <cmath>

namespace qfs {

// [cholesky_of_inverse]
Matrix<double> cholesky_of_inverse(const Matrix<double>& H) {
  const std::size_t K = H.shape(0);
  require(K > 0 && H.shape(1) == K, "H must be a square matrix", shape_text(H), "K x K",
          "pass the inputs' moments");
  Matrix<double> R = make_tensor<double>({K, K}), U = R;
  for (std::size_t j = K; j-- > 0;) {
    const double* R_j = row(R, j).data();
    for (std::size_t i = j + 1; i-- > 0;) {  // H_ij = sum over k >= j of R_ik R_jk
      double* R_i = row(R, i).data();
      double rest = H(i, j);
      for (std::size_t k = j + 1; k < K; ++k) rest -= R_i[k] * R_j[k];
      require(i != j || rest > static_cast<double>(K) * 0x1p-52 * H(j, j),
              "H is not positive definite", rest, "a pivot that is more than rounding",
              "raise the damping, or calibrate on more digits");
      R_i[j] = i == j ? std::sqrt(rest) : rest / R_j[j];
    }
  }
  for (std::size_t i = K; i-- > 0;) {  // row i of R U = 1
    double* U_i = row(U, i).data();
    U_i[i] = 1.0;
    for (std::size_t k = i + 1; k < K; ++k) {
      const double R_ik = R(i, k), *U_k = row(U, k).data();
      for (std::size_t j = k; j < K; ++j) U_i[j] -= R_ik * U_k[j];
    }
    for (std::size_t j = i; j < K; ++j) U_i[j] /= R(i, i);
  }
  return U;
}
// [/cholesky_of_inverse]

// [damped_hessian]
Matrix<double> damped_hessian(const Matrix<float>& G, double damping) {
  const std::size_t K = G.shape(0);
  require(damping >= 0.0 && std::isfinite(damping), "damping is a share of the diagonal", damping,
          "0 or more", "0.01 is usual");
  Matrix<double> H = make_tensor<double>({K, K});
  double diagonal = 0.0, live = 0.0;
  for (std::size_t i = 0; i < K; ++i) {
    for (std::size_t j = 0; j < K; ++j) H(i, j) = 2.0 * static_cast<double>(G(i, j));
    diagonal += H(i, i);
    live += H(i, i) != 0.0 ? 1.0 : 0.0;
  }
  require(live > 0.0, "every input of the layer is 0 for every calibration digit", 0,
          "a digit that lights one of them", "calibrate on other digits, or more of them");
  for (std::size_t i = 0; i < K; ++i)
    H(i, i) = H(i, i) == 0.0 ? 1.0 : H(i, i) + damping * diagonal / live;
  return H;
}
// [/damped_hessian]

// [gptq]
QuantizedWeight gptq(const Matrix<float>& weight, std::span<const QuantParams> params,
                     QuantRange range, const Matrix<float>& G, double damping) {
  const std::size_t N = weight.shape(0), K = weight.shape(1);
  require(
      G.shape(0) == K && G.shape(1) == K, "gptq: one row of moments per input", shape_text(G),
      [&] { return std::to_string(K) + " x " + std::to_string(K); },
      "take the moments of this very layer's inputs");
  QuantizedWeight result = quantize_weight(weight, params, range);  // checks; all but q stays
  const Matrix<double> U = cholesky_of_inverse(damped_hessian(G, damping));
  std::vector<double> w(K);
  for (std::size_t n = 0; n < N; ++n) {
    const QuantParams p = params[params.size() == 1 ? 0 : n];
    for (std::size_t i = 0; i < K; ++i)
      w[i] = G(i, i) == 0.0F ? 0.0 : static_cast<double>(weight(n, i));
    for (std::size_t i = 0; i < K; ++i) {
      const std::int32_t q = quantize_value(static_cast<float>(w[i]), p, range);
      result.q(n, i) = static_cast<std::int8_t>(q);
      const double error = (w[i] - static_cast<double>(dequantize_value(q, p))) / U(i, i);
      const double* U_i = row(U, i).data();
      for (std::size_t j = i + 1; j < K; ++j) w[j] -= error * U_i[j];  // (eq. 18.7)
    }
  }
  return result;
}
// [/gptq]

}  // namespace qfs

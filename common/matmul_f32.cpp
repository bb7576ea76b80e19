#include "common/matmul_f32.hpp"

#include <cblas.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "common/cpu.hpp"

namespace qfs {

Matrix<float> matmul_f32(const Matrix<float>& x, const Matrix<float>& w) {
  const std::size_t M = x.shape(0), K = x.shape(1), N = w.shape(0);
  require(w.shape(1) == K, "matmul_f32: the inner dimensions differ", shape_text(w),
          "N x " + std::to_string(K), "pass the weights as one row per output");
  // With w transposed the inner loop runs over n, so it vectorizes without reordering any sum.
  std::vector<float> w_t(K * N);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t k = 0; k < K; ++k) w_t[k * N + n] = w(n, k);

  Matrix<float> y = make_tensor<float>({M, N});
  for (std::size_t m = 0; m < M; ++m) {
    float* y_row = row(y, m).data();
    for (std::size_t k = 0; k < K; ++k) {
      const float x_mk = x(m, k);
      const float* w_k = w_t.data() + k * N;
      for (std::size_t n = 0; n < N; ++n) y_row[n] += x_mk * w_k[n];
    }
  }
  return y;
}

void matmul_blas(const Matrix<float>& a, Transpose transpose_a, const Matrix<float>& b,
                 Transpose transpose_b, Matrix<float>& c, float beta) {
  const bool ta = transpose_a == Transpose::yes;
  const bool tb = transpose_b == Transpose::yes;
  const std::size_t M = a.shape(ta ? 1 : 0), K = a.shape(ta ? 0 : 1), N = b.shape(tb ? 0 : 1);
  require(b.shape(tb ? 1 : 0) == K && c.shape(0) == M && c.shape(1) == N,
          "matmul_blas: the shapes do not chain",
          shape_text(a) + (ta ? " transposed" : "") + " times " + shape_text(b) +
              (tb ? " transposed" : "") + " into " + shape_text(c),
          "M x K times K x N into M x N", "check which operand is transposed");
  if (M == 0 || N == 0) return;
  if (K == 0) {  // BLAS demands leading dimensions of at least 1; an empty sum is 0
    for (float& value : values(c)) value = beta == 0.0F ? 0.0F : value * beta;
    return;
  }
  const auto dim = [](std::size_t n) { return static_cast<blasint>(n); };
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, dim(M),
              dim(N), dim(K), 1.0F, a.data(), dim(a.shape(1)), b.data(), dim(b.shape(1)), beta,
              c.data(), dim(N));
}

void set_blas_threads(int threads) { openblas_set_num_threads(threads); }

std::string blas_kernels() { return openblas_get_corename(); }

void restart_with_fitting_blas_kernels(char** argv) {
  constexpr const char* kChoice = "OPENBLAS_CORETYPE";
  const CpuFeatures cpu = cpu_features();
  if (blas_kernels() != "Prescott" || std::getenv(kChoice) != nullptr || !cpu.avx2) return;
  if (::setenv(kChoice, cpu.avx512_vnni ? "SkylakeX" : "Haswell", 1) == 0)
    ::execv("/proc/self/exe", argv);  // returns only where it cannot: then slowly, but right
}

}  // namespace qfs

// Float products of row-major matrices, in two kinds.
//
// matmul_f32 adds in one fixed order, so its bits are the same under every compiler and on every
// CPU: whatever feeds an asserted integer goes through it. matmul_blas is OpenBLAS: faster, but its
// last bits depend on the CPU and on the number of threads; it serves training and timing.
#pragma once

#include "common/tensor.hpp"

namespace qfs {

// Part of a tensor, seen as a matrix of rows that follow one another.
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0, columns = 0;
};

// y[m, n] = sum over k of x[m, k] * w[n, k], the products added to 0 in the order k = 0, 1, 2, ...
// x is M x K, w is N x K (one row per output, as PyTorch keeps a Linear's weight); y is M x N.
Matrix<float> matmul_f32(const Matrix<float>& x, const Matrix<float>& w);
void matmul_f32(MatrixView<const float> x, MatrixView<const float> w, MatrixView<float> y);

enum class Transpose { no, yes };

// c = op(a) * op(b) + beta * c by OpenBLAS; op transposes where asked. c must have its final shape.
// Throws Error where there is no memory for OpenBLAS to work in.
void matmul_blas(const Matrix<float>& a, Transpose transpose_a, const Matrix<float>& b,
                 Transpose transpose_b, Matrix<float>& c, float beta = 0.0F);
void matmul_blas(MatrixView<const float> a, Transpose transpose_a, MatrixView<const float> b,
                 Transpose transpose_b, MatrixView<float> c, float beta = 0.0F);

// The number of threads matmul_blas may use. Programs start with 1. Throws Error where so many
// cannot be started or would find no memory.
void set_blas_threads(int threads);

// The CPU family whose kernels OpenBLAS runs, e.g. "Haswell" or "SkylakeX".
std::string blas_kernels();

}  // namespace qfs

// GPTQ (Frantar and others, 2022): round one input's weights after the other, and let those still
// to come make good what each rounding has done to the outputs.
//
// Symbols as in the text: W N x K real weights, Q their integers, H = 2 G the Hessian of the
// squared error of the outputs, K x K, and U upper triangular with U^T U = H^-1.
#pragma once

#include "06_static_ptq/quantized_weight.hpp"
#include "18_better_rounding/moments.hpp"

namespace qfs {

// Upper triangular U with U^T U = H^-1 and a positive diagonal (eq. 18.6), K x K, in double.
// H = R R^T with R upper triangular is a Cholesky decomposition that starts at the last column, and
// U = R^-1. Throws Error unless H is square and positive definite.
Matrix<double> cholesky_of_inverse(const Matrix<double>& H);

// H = 2 G with `damping` times the mean of its diagonal added to the diagonal. A dead input, G_ii =
// 0, has no part in that mean; its H_ii is 1, so that H has an inverse. Throws Error where every
// input is dead.
Matrix<double> damped_hessian(const Matrix<float>& G, double damping);

inline constexpr double kDamping = 0.01;

// The integers by (eq. 18.7), input 0 first. The weights of dead inputs become 0. params: one pair
// or one per row, zero point 0. Throws Error where a weight is not finite or the shapes do not fit.
QuantizedWeight gptq(const Matrix<float>& weight, std::span<const QuantParams> params,
                     QuantRange range, const Matrix<float>& G, double damping = kDamping);

}  // namespace qfs

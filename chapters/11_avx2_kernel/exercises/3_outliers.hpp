// Exercise 11.3: the other remedy: take out the weights that do not fit.
//
// FBGEMM adds in 16 bits, too, and moves large weights to a sparse matrix of their own. Here is
// that idea made exact. The steps stay in their order, two of them to a group, so that four
// products share a lane. Of output n they are those of the weights
//
//   k, k + 1, k + 4, k + 5    for k = 0, 2, 8, 10, 16, 18, ...    (those below K)
//
// Write take_out: what is taken out of w (N x K) goes to the list, and is gone from `dense`, so
// that every lane of `dense` fits for inputs of 0 to x_max (eq. 11.2). The list, in any order, is
// as short as it can be, and names no weight twice. dense(n, k) and the entry for n, k, if there is
// one, add up to w(n, k). x_max is 1 to 255.
//
// And multiply, the product x w^T (M x N) of inputs x (M x K) with such a split: the dense part by
// gemm_u8s8s32_ref, which stands for a kernel in 16 bits, and the list on top of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "02_integer_products/dot.hpp"
#include "11_avx2_kernel/lane_depth.hpp"
#include "common/exercise.hpp"
#include "common/tensor.hpp"

namespace exercise {

struct Outlier {
  std::size_t n, k;
  std::int8_t w;
};

struct Split {
  qfs::Matrix<std::int8_t> dense;
  std::vector<Outlier> outliers;
};

inline Split take_out([[maybe_unused]] const qfs::Matrix<std::int8_t>& w,
                      [[maybe_unused]] std::int32_t x_max) {
  // TODO: return the dense rest and what was taken out.
  qfs::not_written_yet("11.3: take_out");
}

inline qfs::Matrix<std::int32_t> multiply([[maybe_unused]] const Split& w,
                                          [[maybe_unused]] const qfs::Matrix<std::uint8_t>& x) {
  // TODO: return the sums.
  qfs::not_written_yet("11.3: multiply");
}

}  // namespace exercise

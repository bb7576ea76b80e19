// Exercise 11.3, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "02_integer_products/dot.hpp"
#include "11_avx2_kernel/lane_depth.hpp"
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

// [solution]
// The lane of output n that begins with weight k. Largest first is shortest: to take j weights of
// one sign out leaves least if they are the j largest, and those of the other sign do not help.
inline void take_out_of_lane(Split& split, std::size_t n, std::size_t k, std::int32_t x_max) {
  std::vector<std::int8_t*> lane;
  for (std::size_t i : {k, k + 1, k + 4, k + 5})
    if (i < split.dense.shape(1)) lane.push_back(&split.dense(n, i));
  for (;;) {
    qfs::LaneSums sums;
    for (const std::int8_t* w : lane) sums += qfs::sums_of(*w, 0);
    if (qfs::fits_lane(sums, x_max)) return;
    const bool too_high = !qfs::fits_lane({sums.positive, 0}, x_max);
    const auto by_value = [](const std::int8_t* a, const std::int8_t* b) { return *a < *b; };
    std::int8_t* worst = too_high ? *std::ranges::max_element(lane, by_value)
                                  : *std::ranges::min_element(lane, by_value);
    const auto of_row = static_cast<std::size_t>(worst - &split.dense(n, 0));
    split.outliers.push_back({n, of_row, *worst});
    *worst = 0;
  }
}

inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  Split split{w, {}};
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); k += 8) {
      take_out_of_lane(split, n, k, x_max);
      take_out_of_lane(split, n, k + 2, x_max);
    }
  return split;
}

inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  const qfs::GemmShape shape{x.shape(0), w.dense.shape(0), x.shape(1)};
  auto acc = qfs::make_tensor<std::int32_t>({shape.m, shape.n});
  qfs::gemm_u8s8s32_ref(shape, qfs::values(x), qfs::values(w.dense), qfs::values(acc));
  for (const Outlier& outlier : w.outliers)
    for (std::size_t m = 0; m < shape.m; ++m) acc(m, outlier.n) += x(m, outlier.k) * outlier.w;
  return acc;
}
// [/solution]

}  // namespace exercise

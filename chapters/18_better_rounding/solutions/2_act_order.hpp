// Exercise 18.2, solved.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "18_better_rounding/gptq.hpp"

namespace exercise {

// [solution]
inline qfs::QuantizedWeight gptq_act_order(const qfs::Matrix<float>& weight,
                                           std::span<const qfs::QuantParams> params,
                                           qfs::QuantRange range, const qfs::Matrix<float>& G) {
  const std::size_t N = weight.shape(0), K = weight.shape(1);
  std::vector<std::size_t> order(K);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return G(a, a) > G(b, b); });
  qfs::Matrix<float> w = weight, g = G;
  for (std::size_t j = 0; j < K; ++j) {
    for (std::size_t n = 0; n < N; ++n) w(n, j) = weight(n, order[j]);
    for (std::size_t i = 0; i < K; ++i) g(i, j) = G(order[i], order[j]);
  }
  const qfs::QuantizedWeight ordered = qfs::gptq(w, params, range, g);
  qfs::QuantizedWeight back = ordered;
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < K; ++j) back.q(n, order[j]) = ordered.q(n, j);
  return back;
}
// [/solution]

}  // namespace exercise

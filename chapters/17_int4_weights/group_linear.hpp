// A product whose weights have a scale per group: sums in integers, one per group, then reals.
//
// Symbols as in the text: q_x, s_x, z_x the input's integers (M x K), scale and zero point; q_w,
// s_w[n, g] the weight's; y M x N reals.
#pragma once

#include <cstdint>
#include <span>

#include "02_integer_products/dot.hpp"
#include "17_int4_weights/group_weight.hpp"

namespace qfs {

// Throws Error where the sum of a group may leave 32 bits. With the term of the zero point beside
// it, and both in any order, no sum is larger than twice (eq. 2.6)'s.
inline void require_group_depth(const GroupWeight& weight) {
  const auto depth = static_cast<std::int64_t>(std::min(weight.group_size, weight.inputs()));
  const std::int64_t most = max_depth(unsigned_range(8), signed_range(weight.bits)) / 2;
  require(depth <= most, "the sum of a group may overflow 32 bits", depth, most,
          "take smaller groups");
}

// Throws Error unless x is M x K for the weight's K, and z_x is in 0..255.
inline void require_group_product(const Matrix<std::uint8_t>& x, std::int32_t x_zero_point,
                                  const GroupWeight& weight) {
  require(x.shape(1) == weight.inputs(), "group_linear: the depths differ", x.shape(1),
          weight.inputs(), "pass rows of as many inputs as the weight has");
  require(0 <= x_zero_point && x_zero_point <= 255, "the zero point of a byte is one", x_zero_point,
          "0 to 255", "take it from choose_qparams with unsigned_range(8)");
  require_group_depth(weight);
}

// acc[m, n, g] = sum over the k of group g of (q_x[m, k] - z_x) q_w[n, k], exact.
inline Tensor<std::int32_t, 3> group_sums(const Matrix<std::uint8_t>& x, std::int32_t x_zero_point,
                                          const GroupWeight& weight) {
  require_group_product(x, x_zero_point, weight);
  auto acc = make_tensor<std::int32_t>({x.shape(0), weight.outputs(), weight.groups()});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < weight.outputs(); ++n)
      for (std::size_t g = 0; g < weight.groups(); ++g) {
        const std::size_t begin = g * weight.group_size;  // the last group may be short
        const std::size_t end = std::min(begin + weight.group_size, weight.inputs());
        for (std::size_t k = begin; k < end; ++k)
          acc(m, n, g) += (x(m, k) - x_zero_point) * weight.q(n, k);
      }
  return acc;
}

// [group_linear]
// y[m, n] = s_x sum over g of s_w[n, g] acc[m, n, g] + bias[n] (eq. 17.3), in float32: the groups
// in their order from 0 on, every product and every sum rounded, s_x and the bias last. Any kernel
// that keeps to this order gives the same bits.
inline Matrix<float> group_linear_ref(const Matrix<std::uint8_t>& x, QuantParams x_params,
                                      const GroupWeight& weight, std::span<const float> bias) {
  require(bias.size() == weight.outputs(), "group_linear: one bias per output", bias.size(),
          weight.outputs(), "pass zeros where a layer has no bias");
  const Tensor<std::int32_t, 3> acc = group_sums(x, x_params.zero_point, weight);
  auto y = make_tensor<float>({x.shape(0), weight.outputs()});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < weight.outputs(); ++n) {
      float total = 0.0F;
      for (std::size_t g = 0; g < weight.groups(); ++g)
        total += weight.scale_of(n, g) * static_cast<float>(acc(m, n, g));
      y(m, n) = x_params.scale * total + bias[n];
    }
  return y;
}
// [/group_linear]

}  // namespace qfs

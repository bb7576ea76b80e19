// Exercise 17.2, solved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"

namespace exercise {

struct Layer {
  std::size_t outputs = 0, inputs = 0;
  std::size_t group_size = 1;
  std::span<const std::uint8_t> q_w;
  std::span<const float> scale;
  std::span<const std::uint8_t> zero_point;
  std::span<const float> bias;
};

// [solution]
// The sum over one group by the expanded product.
inline std::int32_t group_sum(std::span<const std::uint8_t> q_x, std::span<const std::uint8_t> q_w,
                              std::int32_t z_x, std::int32_t z_w) {
  std::int32_t products = 0, of_x = 0, of_w = 0;
  for (std::size_t k = 0; k < q_x.size(); ++k) products += q_x[k] * q_w[k];
  for (std::uint8_t x : q_x) of_x += x;  // a kernel has this once for all outputs
  for (std::uint8_t w : q_w) of_w += w;  // and this offline
  const auto n = static_cast<std::int32_t>(q_x.size());
  return products - z_x * of_w - z_w * of_x + n * z_x * z_w;
}

inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size;
      const std::size_t count = std::min(layer.group_size, layer.inputs - begin);
      const std::int32_t sum =
          group_sum(q_x.subspan(begin, count), layer.q_w.subspan(n * layer.inputs + begin, count),
                    x_params.zero_point, layer.zero_point[n * groups + g]);
      total += layer.scale[n * groups + g] * static_cast<float>(sum);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
// [/solution]

}  // namespace exercise

// Exercise 8.2, solved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"

namespace exercise {

struct Layer {
  std::span<const std::int8_t> weight;  // N x K, one row per output
  float weight_scale = 1.0F;            // s_w
  std::span<const float> bias;          // N
};

// [solution]
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  constexpr qfs::QuantRange kRange = {0, 255};
  std::ranges::copy(layer.bias, y.begin());
  for (std::size_t begin = 0; begin < x.size(); begin += group_size) {
    const std::size_t end = std::min(begin + group_size, x.size());
    const auto [low, high] = qfs::min_max(x.subspan(begin, end - begin));
    const qfs::QuantParams params = qfs::choose_qparams(low, high, kRange);
    for (std::size_t n = 0; n < y.size(); ++n) {
      std::int32_t products = 0, weights = 0;
      for (std::size_t k = begin; k < end; ++k) {
        const std::int32_t q_w = layer.weight[n * x.size() + k];
        products += qfs::quantize_value(x[k], params, kRange) * q_w;
        weights += q_w;
      }
      const std::int32_t sum = products - params.zero_point * weights;
      y[n] += params.scale * layer.weight_scale * static_cast<float>(sum);
    }
  }
}
// [/solution]

}  // namespace exercise

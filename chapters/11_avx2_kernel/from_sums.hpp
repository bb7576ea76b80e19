// What becomes of exact sums, whatever kernel they come from: 8 bits, or reals. And what a backend
// asks of a packed product and of its parameters before.
//
// `sums` are those of outputs n, n + 1, ... of one row; the results go to y in the same order.
#pragma once

#include <span>

#include "06_static_ptq/backend.hpp"

namespace qfs {

inline const ToU8& packed_for_u8(const ToU8& to, const PackedProduct& packed) {
  require(to.bias.size() == packed.outputs, "the weights are not packed for 8 bits", to.bias.size(),
          packed.outputs, "give pack a to_u8 with one bias per output");
  return to;
}

inline const ToF32& packed_for_f32(const ToF32& to, const PackedProduct& packed) {
  require(to.bias.size() == packed.outputs && to.weight_sum.size() == packed.outputs,
          "the weights are not packed for reals", to.bias.size(), packed.outputs,
          "give pack a to_f32 with one bias and one sum per output");
  return to;
}

inline void require_one_or_each(std::span<const QuantParams> params, std::size_t rows) {
  require(params.size() == 1 || params.size() == rows, "one s_x and z_x, or one for every row",
          params.size(), rows, "quantize this very input");
}

// The bias is in the sums already: (eq. 6.7) is left.
inline void sums_to_u8(const ToU8& to, std::size_t n, std::span<const std::int32_t> sums,
                       std::uint8_t* y) {
  for (std::size_t i = 0; i < sums.size(); ++i)
    y[i] = static_cast<std::uint8_t>(requantize_float(
        sums[i], of_channel(values(to.multiplier), n + i), to.output.zero_point, to.range));
}

inline void sums_to_f32(const ToF32& to, std::span<const float> w_scale, QuantParams x,
                        std::size_t n, std::span<const std::int32_t> sums, float* y) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::int32_t sum = sums[i] - x.zero_point * to.weight_sum(n + i);  // (eq. 8.3)
    const float scale = x.scale * of_channel(w_scale, n + i);
    y[i] = static_cast<float>(sum) * scale + to.bias(n + i);  // (eq. 8.4)
  }
}

}  // namespace qfs

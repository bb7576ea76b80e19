#include "13_int8_engine/gemv_weights.hpp"

#include "11_avx2_kernel/lane_depth.hpp"

namespace qfs {

GemvWeights pack_gemv(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  GemvWeights packed{.N = w.shape(0), .K = w.shape(1)};
  const std::size_t steps = (packed.K + 3) / 4, blocks = packed.padded_outputs() / gemv::kOutputs;
  packed.registers.resize(blocks * steps * gemv::kOutputs / gemv::kLanes);
  for (std::size_t n = 0; n < packed.N; ++n)
    for (std::size_t k = 0; k < packed.K; k += 2) {
      std::array<std::int8_t, 2> pair = {w(n, k), k + 1 < packed.K ? w(n, k + 1) : std::int8_t{0}};
      const std::array<std::int8_t, 2> excess = take_excess(pair[0], pair[1], x_max);
      const std::size_t place = (n / gemv::kOutputs * steps + k / 4) * gemv::kOutputs;
      const std::size_t output = place + n % gemv::kOutputs;
      for (std::size_t i = 0; i < 2; ++i) {
        packed.registers[output / gemv::kLanes].w[output % gemv::kLanes * 4 + k % 4 + i] = pair[i];
        if (excess[i] != 0)
          packed.remainders.push_back(
              {static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(k + i), excess[i]});
      }
    }
  return packed;
}

}  // namespace qfs

#include "17_int4_weights/kernel_u8s4.hpp"

namespace qfs::u8s4 {
namespace {

// One chunk of one output, by the definition: no lanes.
std::int32_t chunk_sum(const std::uint8_t* codes, std::size_t output, const std::uint8_t* x) {
  std::int32_t sum = 0;
  for (std::size_t j = 0; j < 4; ++j)
    for (std::size_t i = 0; i < 4; ++i) {
      const std::int32_t two = codes[32 * j + 4 * output + i];
      sum += ((two & 15) - 8) * x[8 * j + i] + ((two >> 4) - 8) * x[8 * j + 4 + i];
    }
  return sum;
}

}  // namespace

void multiply_plain(const Weights& weights, const Inputs& inputs, float* total) {
  for (std::size_t m = 0; m < inputs.rows; ++m)
    for (std::size_t n = 0; n < weights.blocks * kOutputs; ++n) {
      const std::size_t block = n / kOutputs, lane = n % kOutputs;
      const std::uint8_t* codes = weights.codes + block * inputs.chunks * kChunkBytes;
      const std::uint8_t* x = inputs.x + m * inputs.chunks * kInputs;
      float y = 0.0F;
      for (std::size_t g = 0; g < weights.groups; ++g) {
        const std::size_t at = (block * weights.groups + g) * kOutputs + lane;
        std::int32_t acc = -inputs.zero_point * weights.weight_sum[at];
        const std::size_t chunks = g + 1 < weights.groups ? weights.chunks : weights.last_chunks;
        for (std::size_t c = 0; c < chunks; ++c, codes += kChunkBytes, x += kInputs)
          acc += chunk_sum(codes, lane, x);
        y += weights.scale[at] * static_cast<float>(acc);
      }
      total[m * weights.blocks * kOutputs + n] = y;
    }
}

}  // namespace qfs::u8s4

// Weights and inputs as the kernel wants them, and the layer that it makes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "17_int4_weights/group_weight.hpp"
#include "17_int4_weights/kernel_u8s4.hpp"

namespace qfs {

struct PackedInt4 {
  struct alignas(32) Register {
    std::uint8_t codes[32];
  };
  std::size_t N = 0, K = 0, group_size = 0;  // group_size at most K
  std::size_t groups = 0, chunks = 0, last_chunks = 0;
  std::vector<Register> registers{};
  std::vector<float> scale{};              // float32, whatever the file has: they are few
  std::vector<std::int32_t> weight_sum{};  // per output and group, for z_x

  std::size_t blocks() const { return (N + u8s4::kOutputs - 1) / u8s4::kOutputs; }
  std::size_t chunks_of_row() const { return (groups - 1) * chunks + last_chunks; }
  u8s4::Weights view() const {
    return {blocks(),     groups,           chunks, last_chunks, registers.data()->codes,
            scale.data(), weight_sum.data()};
  }
};

// Of a weight of 2, 3 or 4 bits: in memory each has 4. Throws Error on 8 bits, and where a group is
// so long that its sum may leave 32 bits.
PackedInt4 pack_int4(const GroupWeight& weight);

// Rows of inputs, laid out anew for every batch. Kept between calls, it allocates nothing.
struct InputChunks {
  std::vector<std::uint8_t> x{};
  std::vector<std::int16_t> start{};
  std::vector<float> total{};
};

// y = group_linear_ref's, bit for bit: rows x K bytes to rows x N reals. Throws Error where a size
// does not fit, and on a zero point outside of 0..255.
void group_linear(u8s4::Multiply* multiply, const PackedInt4& weight,
                  std::span<const std::uint8_t> x, QuantParams x_params,
                  std::span<const float> bias, InputChunks& inputs, std::span<float> y);

// The kernel for this CPU: AVX2's where it is there and QFS_FORCE_ISA does not say ref.
u8s4::Multiply* choose_u8s4();

}  // namespace qfs

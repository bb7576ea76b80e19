#include "17_int4_weights/packed_int4.hpp"

#include <algorithm>

#include "13_int8_engine/dispatch.hpp"
#include "17_int4_weights/group_linear.hpp"
#include "common/cpu.hpp"

namespace qfs {
namespace {

std::size_t chunks_for(std::size_t inputs) { return (inputs + u8s4::kInputs - 1) / u8s4::kInputs; }

// The place of input k in a row that is laid out as the groups are.
std::size_t place_of(const PackedInt4& packed, std::size_t k) {
  return k / packed.group_size * packed.chunks * u8s4::kInputs + k % packed.group_size;
}

// Code 8 is the weight 0; u replaces it.
void set_code(PackedInt4& packed, std::size_t n, std::size_t k, unsigned u) {
  const std::size_t place = place_of(packed, k), input = place % u8s4::kInputs;
  const std::size_t chunk = n / u8s4::kOutputs * packed.chunks_of_row() + place / u8s4::kInputs;
  std::uint8_t& two =
      packed.registers[chunk * 4 + input / 8].codes[n % u8s4::kOutputs * 4 + input % 4];
  two = static_cast<std::uint8_t>(input % 8 < 4 ? (two & 0xF0U) | u : (two & 0x0FU) | u << 4);
}

}  // namespace

PackedInt4 pack_int4(const GroupWeight& weight) {
  require_valid(weight, "pack_int4: the weight");
  require(weight.bits <= 4, "the kernel takes 4 bits at most", weight.bits, "2, 3 or 4",
          "run weights of 8 bits by a backend of chapter 13");
  require_group_depth(weight);
  PackedInt4 packed{.N = weight.outputs(), .K = weight.inputs()};
  packed.group_size = std::min(weight.group_size, packed.K);
  packed.groups = weight.groups();
  packed.chunks = chunks_for(packed.group_size);
  packed.last_chunks = chunks_for(packed.K - (packed.groups - 1) * packed.group_size);
  const std::size_t lanes = packed.blocks() * packed.groups * u8s4::kOutputs;
  PackedInt4::Register zeros;
  std::ranges::fill(zeros.codes, std::uint8_t{0x88});
  packed.registers.assign(packed.blocks() * packed.chunks_of_row() * 4, zeros);
  packed.scale.assign(lanes, 0.0F);
  packed.weight_sum.assign(lanes, 0);
  for (std::size_t n = 0; n < packed.N; ++n)
    for (std::size_t k = 0; k < packed.K; ++k) {
      const std::size_t g = k / packed.group_size;
      const std::size_t at =
          (n / u8s4::kOutputs * packed.groups + g) * u8s4::kOutputs + n % u8s4::kOutputs;
      packed.scale[at] = weight.scale_of(n, g);
      packed.weight_sum[at] += weight.q(n, k);
      set_code(packed, n, k, static_cast<unsigned>(weight.q(n, k) + 8));
    }
  return packed;
}

namespace {

// [starts]
// Where the two lanes of a chunk start: minus 8 times their 16 inputs (eq. 17.7), -32640 at least.
void set_starts(const std::uint8_t* x, std::int16_t* start) {
  std::int32_t first = 0, second = 0;
  for (std::size_t i = 0; i < u8s4::kInputs; i += 4) {
    first += x[i] + x[i + 1];
    second += x[i + 2] + x[i + 3];
  }
  start[0] = static_cast<std::int16_t>(-8 * first);
  start[1] = static_cast<std::int16_t>(-8 * second);
}
// [/starts]

// One row, group by group, each filled up to whole chunks with 0.
void lay_out_row(const PackedInt4& weight, const std::uint8_t* x, std::uint8_t* to) {
  for (std::size_t k = 0; k < weight.K; k += weight.group_size) {
    const std::size_t count = std::min(weight.group_size, weight.K - k);
    const std::size_t room = chunks_for(count) * u8s4::kInputs;
    std::fill(std::copy_n(x + k, count, to), to + room, std::uint8_t{0});
    to += room;
  }
}

}  // namespace

void group_linear(u8s4::Multiply* multiply, const PackedInt4& weight,
                  std::span<const std::uint8_t> x, QuantParams x_params,
                  std::span<const float> bias, InputChunks& inputs, std::span<float> y) {
  const std::size_t rows = weight.K == 0 ? 0 : x.size() / weight.K;
  require(x.size() == rows * weight.K && y.size() == rows * weight.N && bias.size() == weight.N,
          "group_linear: sizes do not fit together", y.size(), rows * weight.N,
          "pass rows x K, rows x N and N numbers");
  require(0 <= x_params.zero_point && x_params.zero_point <= 255, "the zero point of a byte is one",
          x_params.zero_point, "0 to 255", "take it from choose_qparams with unsigned_range(8)");
  const std::size_t chunks = weight.chunks_of_row(), width = weight.blocks() * u8s4::kOutputs;
  inputs.x.resize(rows * chunks * u8s4::kInputs);
  inputs.start.resize(rows * chunks * 2);
  inputs.total.resize(rows * width);
  for (std::size_t m = 0; m < rows; ++m)
    lay_out_row(weight, x.data() + m * weight.K, inputs.x.data() + m * chunks * u8s4::kInputs);
  for (std::size_t c = 0; c < rows * chunks; ++c)
    set_starts(inputs.x.data() + c * u8s4::kInputs, inputs.start.data() + c * 2);
  multiply(weight.view(), {rows, chunks, inputs.x.data(), inputs.start.data(), x_params.zero_point},
           inputs.total.data());
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t n = 0; n < weight.N; ++n)
      y[m * weight.N + n] = x_params.scale * inputs.total[m * width + n] + bias[n];
}

u8s4::Multiply* choose_u8s4() {
#if defined(__x86_64__)
  if (choose_backend().name != "ref" && cpu_features().avx2) return u8s4::multiply_avx2;
#endif
  return u8s4::multiply_plain;
}

}  // namespace qfs

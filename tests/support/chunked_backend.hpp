// A backend that only tests have, as strange as the rules allow: the weight lies in aligned chunks
// of 4 outputs x 16 inputs, eight rows of the left side are laid out beside it at a time, and
// nothing of ref's loops or objects is used. Its integers must be ref's all the same.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "06_static_ptq/backend.hpp"

namespace qfs::test {

inline constexpr std::size_t kChunkN = 4, kChunkK = 16, kChunkRows = 8;
struct alignas(64) Chunk {
  std::array<std::int8_t, kChunkN * kChunkK> q{};  // rows and columns past the weight's are 0
};

// What lies behind PackedProduct::object.
struct alignas(128) ChunkedProduct {
  std::size_t inputs = 0, outputs = 0, blocks_k = 0;
  std::vector<Chunk> chunks;  // [block of outputs][block of inputs]
  std::vector<float> w_scale;
  ToU8 to_u8;
  ToF32 to_f32;
};

inline std::size_t products_run = 0;  // so that a test knows that it ran here

inline PackedProduct pack_chunked(const Product& product) {
  PackedProduct packed = pack_shape(product, "chunked");
  auto ours = std::make_shared<ChunkedProduct>();
  const Matrix<std::int8_t>& q = product.weight->q;
  ours->inputs = packed.inputs;
  ours->outputs = packed.outputs;
  ours->blocks_k = (packed.inputs + kChunkK - 1) / kChunkK;
  ours->chunks.resize((packed.outputs + kChunkN - 1) / kChunkN * ours->blocks_k);
  for (std::size_t n = 0; n < packed.outputs; ++n)
    for (std::size_t k = 0; k < packed.inputs; ++k)
      ours->chunks[n / kChunkN * ours->blocks_k + k / kChunkK]
          .q[n % kChunkN * kChunkK + k % kChunkK] = q(n, k);
  const std::span<const float> scales = values(product.weight->scale);
  ours->w_scale.assign(scales.begin(), scales.end());
  if (product.to_u8 != nullptr) ours->to_u8 = *product.to_u8;
  if (product.to_f32 != nullptr) ours->to_f32 = *product.to_f32;
  packed.object = ours;
  return packed;
}

inline const ChunkedProduct& chunked(const PackedProduct& packed) {
  return *static_cast<const ChunkedProduct*>(packed.object.get());
}

inline std::string describe_chunked(const PackedProduct& packed) {
  return std::to_string(chunked(packed).chunks.size()) + " chunks of 4 x 16 for " +
         std::to_string(packed.outputs) + " x " + std::to_string(packed.inputs);
}

// Rows begin to end of the left side, [block of inputs][row][16], what is past K left 0.
inline void lay_out(const LeftSide& x, std::size_t begin, std::size_t end,
                    std::vector<std::uint8_t>& to) {
  const std::size_t blocks = (x.depth + kChunkK - 1) / kChunkK;
  std::vector<std::uint8_t> rows((end - begin) * x.depth);
  if (x.pack != nullptr) {
    x.pack(x.source, begin, end, rows.data());
  } else {
    const auto* from = static_cast<const std::uint8_t*>(x.source) + begin * x.depth;
    rows.assign(from, from + rows.size());
  }
  to.assign(blocks * kChunkRows * kChunkK, 0);
  for (std::size_t m = 0; m < end - begin; ++m)
    for (std::size_t k = 0; k < x.depth; ++k)
      to[(k / kChunkK * kChunkRows + m) * kChunkK + k % kChunkK] = rows[m * x.depth + k];
}

// Calls use(m, n, sum) for every raw sum.
template <class Use>
void each_sum(const PackedProduct& packed, const LeftSide& x, std::size_t y_size, Use&& use) {
  require_fits(packed, "chunked", x, y_size);
  ++products_run;
  const ChunkedProduct& w = chunked(packed);
  std::vector<std::uint8_t> left;
  for (std::size_t begin = 0; begin < x.rows; begin += kChunkRows) {
    const std::size_t end = std::min(begin + kChunkRows, x.rows);
    lay_out(x, begin, end, left);
    for (std::size_t n = 0; n < w.outputs; ++n)
      for (std::size_t m = begin; m < end; ++m) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < w.blocks_k * kChunkK; ++k)
          sum += left[(k / kChunkK * kChunkRows + m - begin) * kChunkK + k % kChunkK] *
                 w.chunks[n / kChunkN * w.blocks_k + k / kChunkK]
                     .q[n % kChunkN * kChunkK + k % kChunkK];
        use(m, n, sum);
      }
  }
}

inline void run_s32_chunked(const PackedProduct& packed, const LeftSide& x,
                            std::span<std::int32_t> acc) {
  each_sum(packed, x, acc.size(), [&](std::size_t m, std::size_t n, std::int32_t sum) {
    acc[m * packed.outputs + n] = sum;
  });
}

inline void run_u8_chunked(const PackedProduct& packed, const LeftSide& x,
                           std::span<std::uint8_t> y) {
  const ToU8& to = chunked(packed).to_u8;
  each_sum(packed, x, y.size(), [&](std::size_t m, std::size_t n, std::int32_t sum) {
    y[m * packed.outputs + n] = static_cast<std::uint8_t>(requantize_float(
        sum + to.bias(n), of_channel(values(to.multiplier), n), to.output.zero_point, to.range));
  });
}

inline void run_f32_chunked(const PackedProduct& packed, const LeftSide& x,
                            std::span<const QuantParams> params, std::span<float> y) {
  const ChunkedProduct& w = chunked(packed);
  each_sum(packed, x, y.size(), [&](std::size_t m, std::size_t n, std::int32_t sum) {
    const auto [s_x, z_x] = of_channel(params, m);
    const float scale = s_x * of_channel(std::span<const float>(w.w_scale), n);
    y[m * packed.outputs + n] =
        static_cast<float>(sum - z_x * w.to_f32.weight_sum(n)) * scale + w.to_f32.bias(n);
  });
}

inline constexpr Backend kChunkedBackend = {
    "chunked",
    pack_chunked,
    describe_chunked,
    run_s32_chunked,
    run_u8_chunked,
    run_f32_chunked,
    [](std::span<const float> x) { return min_max(x); },
    [](std::span<const float> x, QuantParams params, QuantRange range, Rounding rounding,
       std::span<std::uint8_t> q) { quantize(x, params, range, q, rounding); },
    [](std::span<const std::uint8_t> q, QuantParams params, std::span<float> x) {
      dequantize(q, params, x);
    }};

}  // namespace qfs::test

// The formats that this lesson compares: a matrix of weights stored in each, and what it then
// stands for. Weights are N x K, one row per output; blocks and groups run along a row.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "01_affine_math/errors.hpp"
#include "03_fake_quantization/fake_quantize.hpp"
#include "19_number_formats/mx.hpp"
#include "19_number_formats/nf4.hpp"

namespace qfs::ch19 {

// What a stored matrix stands for, and the bits it takes, scales and the padding of short blocks
// included.
struct Stored {
  std::vector<float> y;
  std::size_t bits = 0;
  double bits_each() const { return static_cast<double>(bits) / static_cast<double>(y.size()); }
};

// A scale for the tensor, for each row, or for each group of so many; those of groups are float16.
inline constexpr std::size_t kWholeTensor = 0, kWholeRow = static_cast<std::size_t>(-1);
inline ParamLayout layout_of(const Matrix<float>& w, std::size_t group_size) {
  if (group_size == kWholeTensor) return make_layout(shape_of(w), {});
  if (group_size == kWholeRow)
    return make_layout(shape_of(w), {GranularityKind::per_channel, 0, 0});
  return make_layout(shape_of(w), {GranularityKind::per_group, 0, group_size});
}
inline bool keeps_float16(std::size_t group_size) {
  return group_size != kWholeTensor && group_size != kWholeRow;
}
inline std::size_t scale_bits(const ParamLayout& layout, std::size_t group_size) {
  return layout.param_count() * (keeps_float16(group_size) ? 16 : 32);
}

// Symmetric integers, -qmax to qmax (chapter 01). Chapter 17's quantize_groups goes one further
// down.
inline Stored as_integers(const Matrix<float>& w, int bits, std::size_t group_size) {
  const ParamLayout layout = layout_of(w, group_size);
  std::vector<QuantParams> params =
      choose_qparams(min_max_per_param(values(w), layout), narrow_range(bits), Scheme::symmetric);
  for (QuantParams& p : params)
    if (keeps_float16(group_size)) p.scale = from_float16(float16_scale(p.scale));
  Stored stored{std::vector<float>(w.size()),
                w.size() * static_cast<std::size_t>(bits) + scale_bits(layout, group_size)};
  fake_quantize(values(w), layout, params, narrow_range(bits), stored.y);
  return stored;
}

// As they are, in a float format.
inline Stored as_plain_floats(const Matrix<float>& w, FloatFormat f) {
  Stored stored{{}, w.size() * static_cast<std::size_t>(1 + f.exponent_bits + f.mantissa_bits)};
  for (float x : values(w)) stored.y.push_back(round_to_format(x, f));
  return stored;
}

// Scaled, so that the largest magnitude becomes the format's largest number. Where a scale is 0 all
// its numbers are 0.
inline Stored as_scaled_floats(const Matrix<float>& w, FloatFormat f, std::size_t group_size) {
  const ParamLayout layout = layout_of(w, group_size);
  std::vector<float> scales;
  for (const Interval& x : min_max_per_param(values(w), layout)) {
    const float scale = std::max(-x.min, x.max) / decode_float(f.largest_code(), f);
    scales.push_back(keeps_float16(group_size) ? from_float16(float16_scale(scale)) : scale);
  }
  Stored stored{std::vector<float>(w.size()),
                w.size() * static_cast<std::size_t>(1 + f.exponent_bits + f.mantissa_bits) +
                    scale_bits(layout, group_size)};
  for (std::size_t i = 0; i < w.size(); ++i) {
    const float scale = scales[layout.param_of(i)];
    stored.y[i] = scale > 0.0F ? round_to_format(values(w)[i] / scale, f) * scale : 0.0F;
  }
  return stored;
}

// Row by row in blocks of 32.
template <class Block>
Stored as_blocks(const Matrix<float>& w) {
  Stored stored{std::vector<float>(w.size()), 0};
  for (std::size_t n = 0; n < w.shape(0); ++n) {
    const std::vector<Block> blocks = to_blocks<Block>(row(w, n));
    from_blocks<Block>(blocks, std::span(stored.y).subspan(n * w.shape(1), w.shape(1)));
    stored.bits += 8 * sizeof(Block) * blocks.size();
  }
  return stored;
}

// Blocks of 64 through the whole tensor.
inline Stored as_nf4(const Matrix<float>& w) {
  const Nf4Tensor tensor = quantize_nf4(values(w));
  Stored stored{std::vector<float>(w.size()), 8 * tensor.bytes()};
  dequantize_nf4(tensor, stored.y);
  return stored;
}

struct Format {
  const char* name;
  Stored (*store)(const Matrix<float>& w);
};

using W = const Matrix<float>&;
inline const std::array<Format, 16> kFormats = {{
    {"int4, tensor", [](W w) { return as_integers(w, 4, kWholeTensor); }},
    {"int4, channel", [](W w) { return as_integers(w, 4, kWholeRow); }},
    {"int4, 128", [](W w) { return as_integers(w, 4, 128); }},
    {"int4, 64", [](W w) { return as_integers(w, 4, 64); }},
    {"int4, 32", [](W w) { return as_integers(w, 4, 32); }},
    {"E2M1, 32", [](W w) { return as_scaled_floats(w, kE2M1, 32); }},
    {"MXFP4", [](W w) { return as_blocks<BlockMxfp4>(w); }},
    {"Q4_0", [](W w) { return as_blocks<BlockQ4_0>(w); }},
    {"NF4", [](W w) { return as_nf4(w); }},
    {"int8, tensor", [](W w) { return as_integers(w, 8, kWholeTensor); }},
    {"int8, channel", [](W w) { return as_integers(w, 8, kWholeRow); }},
    {"Q8_0", [](W w) { return as_blocks<BlockQ8_0>(w); }},
    {"E4M3", [](W w) { return as_plain_floats(w, kE4M3); }},
    {"E4M3, tensor", [](W w) { return as_scaled_floats(w, kE4M3, kWholeTensor); }},
    {"E4M3, channel", [](W w) { return as_scaled_floats(w, kE4M3, kWholeRow); }},
    {"E5M2", [](W w) { return as_plain_floats(w, kE5M2); }},
}};
// Where in kFormats.
enum Which : std::size_t {
  int4_tensor,
  int4_channel,
  int4_128,
  int4_64,
  int4_32,
  e2m1_32,
  mxfp4,
  q4_0,
  nf4,
  int8_tensor,
  int8_channel,
  q8_0,
  e4m3,
  e4m3_tensor,
  e4m3_channel,
  e5m2
};

inline double sqnr_db(const Matrix<float>& w, const Stored& stored) {
  return measure_error(values(w), stored.y).sqnr_db;
}

}  // namespace qfs::ch19

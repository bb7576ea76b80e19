// The same idea under several sets of rules: what the libraries in use do by default for
// activations, and what this course does.
#pragma once

#include <array>
#include <string_view>

#include "01_affine_math/affine.hpp"

namespace qfs {

struct Convention {
  std::string_view name;
  RangePolicy ranges;
  Scheme scheme;
  Rounding rounding;
};

// [conventions]
inline constexpr std::array<Convention, 5> kConventions = {{
    // torch.ao.quantization, default qconfig on x86: reduce_range makes the scale for 7 of the 8
    // bits, and quantize clamps to all 8.
    {"PyTorch x86", pytorch_reduce_range(unsigned_range(8)), Scheme::affine, Rounding::half_even},
    // This course where a table says 7 bits: the same scale, and no integer above 127.
    {"here, 7 bits", reduce_and_clamp(unsigned_range(8)), Scheme::affine, Rounding::half_even},
    // DynamicQuantizeLinear and QuantizeLinear divide by the scale.
    {"ONNX", unreduced(unsigned_range(8)), Scheme::affine, Rounding::half_even_divide},
    // TFLite's 8-bit specification: activations int8 asymmetric, ties away from zero.
    {"TFLite", unreduced(signed_range(8)), Scheme::affine, Rounding::half_away_divide},
    // NVIDIA's toolkit for TensorRT: symmetric, narrow, so that the zero point is always 0.
    {"TensorRT", unreduced(narrow_range(8)), Scheme::symmetric, Rounding::half_even},
}};
// [/conventions]

}  // namespace qfs

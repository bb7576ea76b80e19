// The same idea under four sets of rules: what the libraries in use do by default for activations.
#pragma once

#include <array>
#include <string_view>

#include "01_affine_math/affine.hpp"

namespace qfs {

struct Convention {
  std::string_view name;
  QuantRange range;
  Scheme scheme;
  Rounding rounding;
};

// [conventions]
inline constexpr std::array<Convention, 4> kConventions = {{
    // torch.ao.quantization, default qconfig on x86: reduce_range keeps 7 of the 8 bits.
    {"PyTorch x86", reduced(unsigned_range(8)), Scheme::affine, Rounding::half_even},
    // DynamicQuantizeLinear and QuantizeLinear divide by the scale.
    {"ONNX", unsigned_range(8), Scheme::affine, Rounding::half_even_divide},
    // TFLite's 8-bit specification: activations int8 asymmetric, ties away from zero.
    {"TFLite", signed_range(8), Scheme::affine, Rounding::half_away_divide},
    // NVIDIA's toolkit for TensorRT: symmetric, narrow, so that the zero point is always 0.
    {"TensorRT", narrow_range(8), Scheme::symmetric, Rounding::half_even},
}};
// [/conventions]

}  // namespace qfs

// Exercise 8.1: ONNX's DynamicQuantizeLinear, from its definition.
//
// For x of at least one element, everything in float32:
//   y_scale      = (max(0, largest x) - min(0, smallest x)) / 255
//   y_zero_point = round(saturate(0 - min(0, smallest x) / y_scale))     a half goes to the even
//   one y            = saturate(round(x / y_scale) + y_zero_point)           saturate: to 0..255
// Where every x is 0 the definition divides 0 by 0. Take the scale 1 there, as ONNX Runtime does.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

struct DynamicallyQuantized {
  std::vector<std::uint8_t> y;
  float y_scale = 0.0F;
  std::uint8_t y_zero_point = 0;
};

inline DynamicallyQuantized dynamic_quantize_linear([[maybe_unused]] std::span<const float> x) {
  // TODO: scale, zero point, integers.
  qfs::not_written_yet("8.1: dynamic_quantize_linear");
}

}  // namespace exercise

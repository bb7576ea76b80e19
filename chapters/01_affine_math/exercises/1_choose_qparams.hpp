// Exercise 1.1: scale and zero point from an interval.
//
// Write choose_qparams for affine quantization, in float32, as PyTorch's MinMaxObserver does:
// widen [min, max] to contain 0 (eq. 1.4), divide its width by the number of steps (eq. 1.5), keep
// the scale at least kSmallestScale, and place the zero point (eq. 1.6).
#pragma once

#include <cstdint>

#include "common/exercise.hpp"

namespace exercise {

struct QuantParams {
  float scale = 0.0F;
  std::int32_t zero_point = 0;
};

inline constexpr float kSmallestScale = 1.1920929e-07F;

inline QuantParams choose_qparams([[maybe_unused]] float min, [[maybe_unused]] float max,
                                  [[maybe_unused]] std::int32_t qmin,
                                  [[maybe_unused]] std::int32_t qmax) {
  // TODO: return the scale and the zero point.
  qfs::not_written_yet("1.1: choose_qparams");
}

}  // namespace exercise

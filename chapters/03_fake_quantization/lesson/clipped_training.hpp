// Two weights that share one fixed scale, trained by least squares through a fake quantizer, with
// the clip mask and without.
#pragma once

#include <array>

#include "03_fake_quantization/fake_quantize.hpp"

namespace qfs::ch03 {

// 4 bits, scale 1/8: the weights can become -0.875 to 0.875. The first target lies beyond. All
// numbers are multiples of 2^-9, so every float below is exact.
inline constexpr QuantRange kToyRange = narrow_range(4);
inline constexpr QuantParams kToyParams{0.125F, 0};
inline constexpr std::array<float, 2> kToyTarget = {1.5F, 0.25F};
inline constexpr float kToyRate = 0.125F;

struct ToyStep {
  std::array<float, 2> w{}, w_fake{}, dw{};
  float loss = 0.0F;  // sum of (w_fake - target)^2 / 2
};

// [toy_step]
// One step of gradient descent: the state before it, and w moved.
inline ToyStep toy_step(std::array<float, 2>& w, bool clip_mask) {
  ToyStep step{.w = w};
  fake_quantize(w, kToyParams, kToyRange, step.w_fake);
  std::array<float, 2> dy{};
  for (std::size_t i = 0; i < 2; ++i) {
    dy[i] = step.w_fake[i] - kToyTarget[i];
    step.loss += dy[i] * dy[i] / 2.0F;
  }
  step.dw = dy;  // the mistake: every gradient passes
  if (clip_mask) fake_quantize_backward(w, dy, kToyParams, kToyRange, step.dw);
  for (std::size_t i = 0; i < 2; ++i) w[i] -= kToyRate * step.dw[i];
  return step;
}
// [/toy_step]

}  // namespace qfs::ch03

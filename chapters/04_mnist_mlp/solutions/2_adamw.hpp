// Exercise 4.2, solved.
#pragma once

#include <cmath>
#include <span>
#include <vector>

namespace exercise {

struct AdamState {
  std::vector<float> m, v;
  int t = 0;
};

// [solution]
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  ++state.t;
  const float step_size = static_cast<float>(0.001 / (1.0 - std::pow(0.9, state.t)));
  const float correction = static_cast<float>(std::sqrt(1.0 - std::pow(0.999, state.t)));
  const float kept = static_cast<float>(1.0 - 0.001 * 0.01);
  for (std::size_t i = 0; i < w.size(); ++i) {
    const float g = gradient[i];
    w[i] *= kept;
    state.m[i] = 0.9F * state.m[i] + 0.1F * g;
    state.v[i] = 0.999F * state.v[i] + 0.001F * g * g;
    w[i] -= step_size * state.m[i] / (std::sqrt(state.v[i]) / correction + 1e-8F);
  }
}
// [/solution]

}  // namespace exercise

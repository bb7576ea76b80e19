// Answers to exercise 4.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch04_2_test.cpp"

using exercise::AdamState;

// The solution with room for a mistake in each of its parts.
struct Parts {
  float kept_before = 0.99999F, kept_after = 1.0F, decay_in_gradient = 0.0F;
  float beta1 = 0.9F, beta2 = 0.999F;
  bool correct_m = true, correct_v = true;
  float (*denominator)(float v, float correction) = [](float v, float correction) {
    return std::sqrt(v / correction) + 1e-8F;
  };
  int first_step = 1;
  bool square = true;
};

inline void assemble(const Parts& parts, AdamState& state, std::span<float> w,
                     std::span<const float> gradient) {
  const int t = state.t + parts.first_step;
  state.t += 1;
  const auto m_share = parts.correct_m ? static_cast<float>(1.0 - std::pow(0.9, t)) : 1.0F;
  const auto v_share = parts.correct_v ? static_cast<float>(1.0 - std::pow(0.999, t)) : 1.0F;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const float g = gradient[i] + parts.decay_in_gradient * w[i];
    state.m[i] = parts.beta1 * state.m[i] + (1.0F - parts.beta1) * g;
    state.v[i] =
        parts.beta2 * state.v[i] + (1.0F - parts.beta2) * (parts.square ? g * g : std::fabs(g));
    w[i] *= parts.kept_before;
    w[i] -= 0.001F / m_share * state.m[i] / parts.denominator(state.v[i], v_share);
    w[i] *= parts.kept_after;
  }
}

namespace one_minus_beta {
const Answer kAnswer = right("takes 1 - 0.9F and 1 - 0.999F in float32, and powers in double");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace one_minus_beta

namespace in_double {
const Answer kAnswer = right("in double, tensor by tensor, the decay as a difference");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  state.t++;
  const double share_m = 1.0 - std::pow(0.9, state.t), share_v = 1.0 - std::pow(0.999, state.t);
  for (std::size_t i = 0; i < w.size(); ++i)
    state.m[i] = static_cast<float>(static_cast<double>(state.m[i]) * 0.9 +
                                    static_cast<double>(gradient[i]) * 0.1);
  for (std::size_t i = 0; i < w.size(); ++i)
    state.v[i] = static_cast<float>(static_cast<double>(state.v[i]) * 0.999 +
                                    std::pow(static_cast<double>(gradient[i]), 2.0) * 0.001);
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double before = static_cast<double>(w[i]), decayed = before - 0.001 * 0.01 * before;
    const double root = std::sqrt(static_cast<double>(state.v[i]) / share_v);
    w[i] = static_cast<float>(decayed -
                              0.001 * (static_cast<double>(state.m[i]) / share_m) / (root + 1e-8));
  }
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace in_double

namespace powers_in_float {
const Answer kAnswer = right("multiplies powers in float32");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  float power1 = 1.0F, power2 = 1.0F;
  for (int step = 0; step <= state.t; ++step) {
    power1 *= 0.9F;
    power2 *= 0.999F;
  }
  ++state.t;
  for (std::size_t i = 0; i < w.size(); ++i) {
    state.m[i] += (1.0F - 0.9F) * (gradient[i] - state.m[i]);
    state.v[i] += (1.0F - 0.999F) * (gradient[i] * gradient[i] - state.v[i]);
    const float m = state.m[i] / (1.0F - power1), v = state.v[i] / (1.0F - power2);
    w[i] = w[i] * (1.0F - 1e-5F) - 0.001F * m / (std::sqrt(v) + 1e-8F);
  }
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace powers_in_float

namespace decay_after {
const Answer kAnswer = wrong("takes the decay after the step");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.kept_before = 1.0F, .kept_after = 0.99999F}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace decay_after

namespace decay_in_the_gradient {
const Answer kAnswer = wrong("adds the decay to the gradient, as Adam with weight_decay does");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.kept_before = 1.0F, .decay_in_gradient = 0.01F}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace decay_in_the_gradient

namespace no_decay {
const Answer kAnswer = wrong("has no decay");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.kept_before = 1.0F}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace no_decay

namespace decay_too_large {
const Answer kAnswer = wrong("takes 0.01 of every weight away");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.kept_before = 0.99F}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace decay_too_large

namespace m_not_corrected {
const Answer kAnswer = wrong("does not correct m");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.correct_m = false}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace m_not_corrected

namespace v_not_corrected {
const Answer kAnswer = wrong("does not correct v");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.correct_v = false}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace v_not_corrected

namespace counted_late {
const Answer kAnswer = wrong("counts the step afterwards");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.first_step = 0}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace counted_late

namespace counted_twice {
const Answer kAnswer = wrong("counts the step twice");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.first_step = 2}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace counted_twice

namespace eps_under_the_root {
const Answer kAnswer = wrong("adds eps under the root");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.denominator = [](float v, float c) { return std::sqrt(v / c + 1e-8F); }}, state, w,
           gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace eps_under_the_root

namespace eps_corrected_too {
const Answer kAnswer = wrong("adds eps before v is corrected");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.denominator = [](float v, float c) { return (std::sqrt(v) + 1e-8F) / std::sqrt(c); }},
           state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace eps_corrected_too

namespace correction_without_root {
const Answer kAnswer = wrong("divides the root by the correction, not by its root");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.denominator = [](float v, float c) { return std::sqrt(v) / c + 1e-8F; }}, state, w,
           gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace correction_without_root

namespace no_root {
const Answer kAnswer = wrong("forgets the root");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.denominator = [](float v, float c) { return v / c + 1e-8F; }}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace no_root

namespace betas_swapped {
const Answer kAnswer = wrong("takes one beta for the other");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.beta1 = 0.999F, .beta2 = 0.9F}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace betas_swapped

namespace not_squared {
const Answer kAnswer = wrong("keeps the mean of |g| in v");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  assemble({.square = false}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace not_squared

namespace one_count_for_all {
const Answer kAnswer = wrong("counts the steps of all tensors together");
namespace exercise {
using ::exercise::AdamState;
inline void adamw_step(AdamState& state, std::span<float> w, std::span<const float> gradient) {
  static int t = 0;
  state.t = t++;
  assemble({}, state, w, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_2_test.cpp"
}  // namespace one_count_for_all

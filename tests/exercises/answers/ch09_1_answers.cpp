// Answers to exercise 9.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch09_1_test.cpp"

#include <cmath>
#include <utility>

// The solution with room for a mistake in each of its parts.
struct Parts {
  int more_steps = -1;
  float (*round)(float) = [](float steps) { return std::nearbyint(steps); };
  float lowest = 0.0F;
  bool cut_at_alpha = true;
};

inline void forward(const Parts& parts, std::span<const float> x, float alpha, int bits,
                    std::span<float> y) {
  const float s = alpha / static_cast<float>((1 << bits) + parts.more_steps);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float cut = std::max(x[i], parts.lowest);
    y[i] = s * parts.round((parts.cut_at_alpha ? std::min(cut, alpha) : cut) / s);
  }
}

using Rule = bool (*)(float x, float alpha);

inline double backward(
    std::span<const float> x, std::span<const float> dy, float alpha, std::span<float> dx,
    Rule passes = [](float v, float a) { return v > 0.0F && v < a; },
    Rule moves_alpha = [](float v, float a) { return v >= a; }) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    dx[i] = passes(x[i], alpha) ? dy[i] : 0.0F;
    sum += moves_alpha(x[i], alpha) ? static_cast<double>(dy[i]) : 0.0;
  }
  return sum;
}

namespace in_double {
const Answer kAnswer = right("forward in double, backward by three cases from the end");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  const double end = static_cast<double>(alpha), s = end / (std::exp2(bits) - 1.0);
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = static_cast<float>(s * std::rint(std::clamp(static_cast<double>(x[i]), 0.0, end) / s));
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  double sum = 0.0;
  for (std::size_t i = x.size(); i-- > 0;) {
    const double d = static_cast<double>(dy[i]);
    dx[i] = 0.0F;
    if (x[i] >= alpha)
      sum += d;
    else if (x[i] > 0.0F)
      dx[i] = dy[i];
  }
  return sum;
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace in_double

namespace cut_integers {
const Answer kAnswer =
    right("rounds first and cuts the integer, and writes dx where nothing passes last");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  const int steps = (1 << bits) - 1;
  const float s = alpha / static_cast<float>(steps);
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = s * std::fmin(std::fmax(qfs::round_fast(x[i] / s), 0.0F), static_cast<float>(steps));
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  std::ranges::copy(dy, dx.begin());
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(x[i] < alpha)) sum += static_cast<double>(std::exchange(dx[i], 0.0F));
    if (!(x[i] > 0.0F)) dx[i] = 0.0F;
  }
  return sum;
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace cut_integers

namespace integers_not_steps {
const Answer kAnswer = wrong("divides alpha by 2^bits");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({.more_steps = 0}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace integers_not_steps

namespace half_of_the_steps {
const Answer kAnswer = wrong("keeps a bit for the sign");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits - 1, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace half_of_the_steps

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({.round = [](float steps) { return std::round(steps); }}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace ties_away

namespace cut_off {
const Answer kAnswer = wrong("cuts off in place of rounding");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({.round = [](float steps) { return std::floor(steps); }}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace cut_off

namespace no_cut_at_0 {
const Answer kAnswer = wrong("does not cut at 0");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({.lowest = -1e9F}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace no_cut_at_0

namespace no_cut_at_alpha {
const Answer kAnswer = wrong("does not cut at alpha");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({.cut_at_alpha = false}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace no_cut_at_alpha

namespace not_rounded {
const Answer kAnswer = wrong("cuts, and does not round");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({.round = [](float steps) { return steps; }}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace not_rounded

namespace everything_passes {
const Answer kAnswer = wrong("lets every dy pass");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx, [](float, float) { return true; });
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace everything_passes

namespace negative_passes {
const Answer kAnswer = wrong("lets dy pass below 0");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx, [](float v, float a) { return v < a; });
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace negative_passes

namespace zero_passes {
const Answer kAnswer = wrong("lets dy pass at 0");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx, [](float v, float a) { return v >= 0.0F && v < a; });
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace zero_passes

namespace alpha_passes {
const Answer kAnswer = wrong("lets dy pass at alpha");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(x, dy, alpha, dx, [](float v, float a) { return v > 0.0F && v <= a; });
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace alpha_passes

namespace alpha_left_out {
const Answer kAnswer = wrong("gives alpha no gradient at alpha itself");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(
      x, dy, alpha, dx, [](float v, float a) { return v > 0.0F && v < a; },
      [](float v, float a) { return v > a; });
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace alpha_left_out

namespace what_rounds_to_alpha {
const Answer kAnswer = wrong("asks whether the rounded number is alpha");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  const auto reaches = [](float v, float a) { return v >= a - a / 6.0F; };  // 2 bits
  return backward(
      x, dy, alpha, dx, [](float v, float a) { return v > 0.0F && v < a - a / 6.0F; }, reaches);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace what_rounds_to_alpha

namespace all_that_does_not_pass {
const Answer kAnswer = wrong("gives alpha the gradients below 0 as well");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  return backward(
      x, dy, alpha, dx, [](float v, float a) { return v > 0.0F && v < a; },
      [](float v, float a) { return v <= 0.0F || v >= a; });
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace all_that_does_not_pass

namespace sum_in_float {
const Answer kAnswer = wrong("adds up in float");
namespace exercise {
inline void pact_forward(std::span<const float> x, float alpha, int bits, std::span<float> y) {
  forward({}, x, alpha, bits, y);
}
inline double pact_backward(std::span<const float> x, std::span<const float> dy, float alpha,
                            std::span<float> dx) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += static_cast<float>(backward(x.subspan(i, 1), dy.subspan(i, 1), alpha, dx.subspan(i, 1)));
  return static_cast<double>(sum);
}
}  // namespace exercise
#include "tests/exercises/ch09_1_test.cpp"
}  // namespace sum_in_float

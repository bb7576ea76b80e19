// Answers to exercise 1.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch01_2_test.cpp"

using exercise::QuantParams;

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*product)(std::int32_t, QuantParams, QuantParams) = [](std::int32_t q, QuantParams from,
                                                                QuantParams to) {
    return static_cast<float>(q - from.zero_point) * (from.scale / to.scale);
  };
  float (*round)(float) = [](float x) { return std::nearbyint(x); };
};

inline std::int32_t assemble(const Parts& parts, std::int32_t q, QuantParams from, QuantParams to,
                             std::int32_t qmin, std::int32_t qmax) {
  const float rounded = parts.round(parts.product(q, from, to));
  const float clamped = std::clamp(rounded, static_cast<float>(qmin - to.zero_point),
                                   static_cast<float>(qmax - to.zero_point));
  return static_cast<std::int32_t>(clamped) + to.zero_point;
}

namespace ends_first {
const Answer kAnswer = right("finds what lies outside before it converts");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const float ratio = from.scale / to.scale;
  std::size_t i = 0;
  for (std::int32_t value : q) {
    const float steps = std::rint(ratio * static_cast<float>(value - from.zero_point));
    if (steps <= static_cast<float>(qmin - to.zero_point))
      out[i] = qmin;
    else if (steps >= static_cast<float>(qmax - to.zero_point))
      out[i] = qmax;
    else
      out[i] = to.zero_point + static_cast<std::int32_t>(steps);
    ++i;
  }
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace ends_first

namespace zero_point_in_double {
const Answer kAnswer = right("adds the zero point and clamps in double, which holds every integer");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const float ratio = from.scale / to.scale;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const float rounded = std::nearbyint(static_cast<float>(q[i] - from.zero_point) * ratio);
    const double moved = static_cast<double>(rounded) + to.zero_point;
    out[i] = static_cast<std::int32_t>(std::min<double>(qmax, std::max<double>(qmin, moved)));
  }
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace zero_point_in_double

namespace by_way_of_the_real {
const Answer kAnswer = wrong("computes the real first: one float32 rounding more");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const Parts parts{.product = [](std::int32_t v, QuantParams f, QuantParams t) {
    return f.scale * static_cast<float>(v - f.zero_point) / t.scale;
  }};
  for (std::size_t i = 0; i < q.size(); ++i) out[i] = assemble(parts, q[i], from, to, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace by_way_of_the_real

namespace by_the_reciprocal {
const Answer kAnswer = wrong("multiplies by 1 / to.scale");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const Parts parts{.product = [](std::int32_t v, QuantParams f, QuantParams t) {
    return static_cast<float>(v - f.zero_point) * (f.scale * (1.0F / t.scale));
  }};
  for (std::size_t i = 0; i < q.size(); ++i) out[i] = assemble(parts, q[i], from, to, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace by_the_reciprocal

namespace in_double {
const Answer kAnswer = wrong("takes ratio and product in double");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const double ratio = static_cast<double>(from.scale) / static_cast<double>(to.scale);
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double moved = std::nearbyint((q[i] - from.zero_point) * ratio) + to.zero_point;
    out[i] = static_cast<std::int32_t>(std::clamp<double>(moved, qmin, qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace in_double

namespace product_in_double {
const Answer kAnswer = wrong("takes the ratio in float, the product in double");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const float ratio = from.scale / to.scale;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double moved =
        std::nearbyint((q[i] - from.zero_point) * static_cast<double>(ratio)) + to.zero_point;
    out[i] = static_cast<std::int32_t>(std::clamp<double>(moved, qmin, qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace product_in_double

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i)
    out[i] = assemble({.round = [](float x) { return std::round(x); }}, q[i], from, to, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace ties_away

namespace ties_up {
const Answer kAnswer = wrong("rounds ties up");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i)
    out[i] = assemble({.round = [](float x) { return std::floor(x + 0.5F); }}, q[i], from, to, qmin,
                      qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace ties_up

namespace cut_off {
const Answer kAnswer = wrong("cuts off in place of rounding");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i)
    out[i] = assemble({.round = [](float x) { return std::trunc(x); }}, q[i], from, to, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace cut_off

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const float ratio = from.scale / to.scale;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const float moved = std::nearbyint(static_cast<float>(q[i] - from.zero_point) * ratio +
                                       static_cast<float>(to.zero_point));
    out[i] = static_cast<std::int32_t>(
        std::clamp(moved, static_cast<float>(qmin), static_cast<float>(qmax)));
  }
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace zero_point_first

namespace old_zero_point_kept {
const Answer kAnswer = wrong("forgets from.zero_point");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i)
    out[i] = assemble({}, q[i], {from.scale, 0}, to, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace old_zero_point_kept

namespace new_zero_point_left_out {
const Answer kAnswer = wrong("forgets to.zero_point");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i)
    out[i] = assemble({}, q[i], from, {to.scale, 0}, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace new_zero_point_left_out

namespace upside_down {
const Answer kAnswer = wrong("divides to.scale by from.scale");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  const Parts parts{.product = [](std::int32_t v, QuantParams f, QuantParams t) {
    return static_cast<float>(v - f.zero_point) * (t.scale / f.scale);
  }};
  for (std::size_t i = 0; i < q.size(); ++i) out[i] = assemble(parts, q[i], from, to, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace upside_down

namespace clamped_before_the_zero_point {
const Answer kAnswer = wrong("clamps to [qmin, qmax] before it adds the zero point");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i) {
    const float rounded =
        std::nearbyint(static_cast<float>(q[i] - from.zero_point) * (from.scale / to.scale));
    const float clamped = std::clamp(rounded, static_cast<float>(qmin), static_cast<float>(qmax));
    out[i] = static_cast<std::int32_t>(clamped) + to.zero_point;
  }
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace clamped_before_the_zero_point

namespace always_eight_bits {
const Answer kAnswer = wrong("clamps to 0..255, whatever the range");
namespace exercise {
using ::exercise::QuantParams;
inline void rescale(std::span<const std::int32_t> q, QuantParams from, QuantParams to,
                    std::int32_t qmin, std::int32_t qmax, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < q.size(); ++i)
    out[i] = assemble({}, q[i], from, to, std::min(qmin, 0), std::max(qmax, 255));
}
}  // namespace exercise
#include "tests/exercises/ch01_2_test.cpp"
}  // namespace always_eight_bits

// Answers to exercise 2.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch02_3_test.cpp"

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*product)(std::int32_t, float) = [](std::int32_t acc, float m) {
    return static_cast<float>(acc) * m;
  };
  float (*round)(float) = [](float x) { return std::nearbyint(x); };
};

inline std::uint8_t assemble(const Parts& parts, std::int32_t acc, float m, std::int32_t z,
                             std::int32_t qmin, std::int32_t qmax) {
  const float rounded = parts.round(parts.product(acc, m));
  const float clamped =
      std::clamp(rounded, static_cast<float>(qmin - z), static_cast<float>(qmax - z));
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(clamped) + z);
}

namespace clamped_first {
const Answer kAnswer = right("clamps the real steps to whole ends, then rounds");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  const float low = static_cast<float>(qmin - zero_point),
              high = static_cast<float>(qmax - zero_point);
  for (std::size_t i = 0; i < acc.size(); i += multipliers.size())
    for (std::size_t n = 0; n < multipliers.size(); ++n) {
      const float steps =
          std::fmin(std::fmax(multipliers[n] * static_cast<float>(acc[i + n]), low), high);
      q[i + n] = static_cast<std::uint8_t>(zero_point + std::lrint(steps));
    }
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace clamped_first

namespace in_64_bits {
const Answer kAnswer = right("rounds to 64 bits, which hold every product of the exercise");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float product = static_cast<float>(acc[i]) * multipliers[i % multipliers.size()];
    const float bounded = std::clamp(product, -0x1p40F, 0x1p40F);
    const std::int64_t moved = std::llrint(bounded) + zero_point;
    q[i] = static_cast<std::uint8_t>(moved < qmin ? qmin : moved > qmax ? qmax : moved);
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace in_64_bits

namespace one_per_row {
const Answer kAnswer = wrong("gives every row, not every column, its multiplier");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({}, acc[i], multipliers[i / multipliers.size() % multipliers.size()],
                    zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace one_per_row

namespace the_first_for_all {
const Answer kAnswer = wrong("takes the first multiplier for all columns");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({}, acc[i], multipliers[0], zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace the_first_for_all

namespace in_double {
const Answer kAnswer = wrong("multiplies in double");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const double moved =
        std::nearbyint(acc[i] * static_cast<double>(multipliers[i % multipliers.size()])) +
        zero_point;
    q[i] = static_cast<std::uint8_t>(std::clamp<double>(moved, qmin, qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace in_double

namespace product_in_double {
const Answer kAnswer = wrong("rounds the sum to float32, and the product not");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const double sum = static_cast<double>(static_cast<float>(acc[i]));
    const double moved =
        std::nearbyint(sum * static_cast<double>(multipliers[i % multipliers.size()])) + zero_point;
    q[i] = static_cast<std::uint8_t>(std::clamp<double>(moved, qmin, qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace product_in_double

namespace sum_in_double {
const Answer kAnswer = wrong("rounds the product of the exact sum to float32");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  const Parts parts{.product = [](std::int32_t a, float m) {
    return static_cast<float>(a * static_cast<double>(m));
  }};
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble(parts, acc[i], multipliers[i % multipliers.size()], zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace sum_in_double

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({.round = [](float x) { return std::round(x); }}, acc[i],
                    multipliers[i % multipliers.size()], zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace ties_away

namespace ties_up {
const Answer kAnswer = wrong("rounds ties up");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({.round = [](float x) { return std::floor(x + 0.5F); }}, acc[i],
                    multipliers[i % multipliers.size()], zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace ties_up

namespace cut_off {
const Answer kAnswer = wrong("cuts off in place of rounding");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({.round = [](float x) { return std::trunc(x); }}, acc[i],
                    multipliers[i % multipliers.size()], zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace cut_off

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float product = static_cast<float>(acc[i]) * multipliers[i % multipliers.size()];
    const float moved = std::nearbyint(product + static_cast<float>(zero_point));
    q[i] = static_cast<std::uint8_t>(
        std::clamp(moved, static_cast<float>(qmin), static_cast<float>(qmax)));
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace zero_point_first

namespace wrapped {
const Answer kAnswer = wrong("keeps the last 8 bits in place of clamping");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float product = static_cast<float>(acc[i]) * multipliers[i % multipliers.size()];
    q[i] = static_cast<std::uint8_t>(std::llrint(product) + zero_point + 0 * (qmin + qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace wrapped

namespace clamped_before_the_zero_point {
const Answer kAnswer = wrong("clamps to [qmin, qmax] before it adds the zero point");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = static_cast<std::uint8_t>(
        zero_point + assemble({}, acc[i], multipliers[i % multipliers.size()], 0, qmin, qmax));
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace clamped_before_the_zero_point

namespace always_the_whole_type {
const Answer kAnswer = wrong("clamps to 0..255, whatever the range");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({}, acc[i], multipliers[i % multipliers.size()], zero_point, std::min(qmin, 0),
                    std::max(qmax, 255));
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace always_the_whole_type

namespace zero_point_forgotten {
const Answer kAnswer = wrong("adds no zero point");
namespace exercise {
inline void requantize_per_channel(std::span<const std::int32_t> acc,
                                   std::span<const float> multipliers, std::int32_t zero_point,
                                   std::int32_t qmin, std::int32_t qmax,
                                   std::span<std::uint8_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = assemble({}, acc[i], multipliers[i % multipliers.size()], 0 * zero_point, qmin, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch02_3_test.cpp"
}  // namespace zero_point_forgotten

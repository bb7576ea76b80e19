// Answers to exercise 8.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch08_1_test.cpp"

using exercise::DynamicallyQuantized;

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*scale)(float low, float high) = [](float low, float high) {
    return (high - low) / 255.0F;
  };
  float (*quotient)(float, float) = [](float value, float s) { return value / s; };
  float (*zero)(float low, float s) = [](float low, float s) {
    return std::nearbyint(std::clamp(0.0F - low / s, 0.0F, 255.0F));
  };
  float (*round)(float) = [](float value) { return std::nearbyint(value); };
  float of_zeros = 1.0F;
  bool widen = true;
};

inline DynamicallyQuantized assemble(const Parts& parts, std::span<const float> x) {
  float low = *std::ranges::min_element(x), high = *std::ranges::max_element(x);
  if (parts.widen) {
    low = std::min(low, 0.0F);
    high = std::max(high, 0.0F);
  }
  DynamicallyQuantized result;
  result.y_scale = high > low ? parts.scale(low, high) : parts.of_zeros;
  const float zero = parts.zero(low, result.y_scale);
  result.y_zero_point = static_cast<std::uint8_t>(zero);
  for (float value : x) {
    const float steps = parts.round(parts.quotient(value, result.y_scale)) + zero;
    result.y.push_back(static_cast<std::uint8_t>(std::clamp(steps, 0.0F, 255.0F)));
  }
  return result;
}

namespace one_pass {
const Answer kAnswer = right("finds both ends in one pass from 0 on, and clamps integers");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  float low = 0.0F, high = 0.0F;
  for (float value : x) {
    low = std::fmin(low, value);
    high = std::fmax(high, value);
  }
  const float s = low == 0.0F && high == 0.0F ? 1.0F : (high - low) / 255.0F;
  const int zero = static_cast<int>(std::lrint(std::fmin(-low / s, 255.0F)));
  DynamicallyQuantized result{std::vector<std::uint8_t>(x.size()), s,
                              static_cast<std::uint8_t>(zero)};
  for (std::size_t i = 0; i < x.size(); ++i)
    result.y[i] =
        static_cast<std::uint8_t>(std::clamp(static_cast<int>(std::rint(x[i] / s)) + zero, 0, 255));
  return result;
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace one_pass

namespace in_double {
const Answer kAnswer = right("in double, rounded to float32 after every operation");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  const auto f = [](double value) { return static_cast<double>(static_cast<float>(value)); };
  const double low = static_cast<double>(std::min(0.0F, *std::min_element(x.begin(), x.end())));
  const double high = static_cast<double>(std::max(0.0F, *std::max_element(x.begin(), x.end())));
  const double s = high == low ? 1.0 : f(f(high - low) / 255.0);
  const double zero = std::rint(std::clamp(0.0 - f(low / s), 0.0, 255.0));
  DynamicallyQuantized result;
  result.y_scale = static_cast<float>(s);
  result.y_zero_point = static_cast<std::uint8_t>(zero);
  for (float value : x)
    result.y.push_back(static_cast<std::uint8_t>(
        std::clamp(std::rint(f(static_cast<double>(value) / s)) + zero, 0.0, 255.0)));
  return result;
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace in_double

namespace scale_in_double {
const Answer kAnswer = wrong("computes the scale in double");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.scale =
                       [](float low, float high) {
                         return static_cast<float>(
                             (static_cast<double>(high) - static_cast<double>(low)) / 255.0);
                       }},
                  x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace scale_in_double

namespace zero_point_in_double {
const Answer kAnswer = wrong("computes the zero point in double");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.zero =
                       [](float low, float s) {
                         return static_cast<float>(
                             std::nearbyint(-static_cast<double>(low) / static_cast<double>(s)));
                       }},
                  x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace zero_point_in_double

namespace quotient_in_double {
const Answer kAnswer = wrong("divides x in double");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  const DynamicallyQuantized p = assemble({}, x);
  DynamicallyQuantized result{{}, p.y_scale, p.y_zero_point};
  for (float value : x)
    result.y.push_back(static_cast<std::uint8_t>(
        std::clamp(std::nearbyint(static_cast<double>(value) / static_cast<double>(p.y_scale)) +
                       p.y_zero_point,
                   0.0, 255.0)));
  return result;
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace quotient_in_double

namespace scale_by_the_reciprocal {
const Answer kAnswer = wrong("multiplies the width by 1/255");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.scale = [](float low, float high) { return (high - low) * (1.0F / 255.0F); }},
                  x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace scale_by_the_reciprocal

namespace by_the_reciprocal {
const Answer kAnswer = wrong("multiplies x by 1 / scale");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.quotient = [](float value, float s) { return value * (1.0F / s); }}, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace by_the_reciprocal

namespace zero_point_by_the_reciprocal {
const Answer kAnswer = wrong("multiplies the minimum by 1 / scale");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.zero = [](float low, float s) { return std::nearbyint(-low * (1.0F / s)); }},
                  x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace zero_point_by_the_reciprocal

namespace ties_away {
const Answer kAnswer = wrong("rounds ties of x away from 0");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.round = [](float value) { return std::round(value); }}, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace ties_away

namespace zero_point_ties_away {
const Answer kAnswer = wrong("rounds ties of the zero point away from 0");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.zero = [](float low, float s) { return std::round(-low / s); }}, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace zero_point_ties_away

namespace zero_point_cut_off {
const Answer kAnswer = wrong("cuts the zero point off");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.zero = [](float low, float s) { return std::trunc(-low / s); }}, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace zero_point_cut_off

namespace zero_point_first {
const Answer kAnswer = wrong("rounds x / scale and zero point together");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  const DynamicallyQuantized p = assemble({}, x);
  DynamicallyQuantized result{{}, p.y_scale, p.y_zero_point};
  for (float value : x)
    result.y.push_back(static_cast<std::uint8_t>(std::clamp(
        std::nearbyint(value / p.y_scale + static_cast<float>(p.y_zero_point)), 0.0F, 255.0F)));
  return result;
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace zero_point_first

namespace not_widened {
const Answer kAnswer = wrong("does not widen the interval to 0");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble(
      {.zero = [](float low,
                  float s) { return std::nearbyint(std::clamp(0.0F - low / s, 0.0F, 255.0F)); },
       .widen = false},
      x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace not_widened

namespace one_step_more {
const Answer kAnswer = wrong("divides by 256");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.scale = [](float low, float high) { return (high - low) / 256.0F; }}, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace one_step_more

namespace scale_0_for_zeros {
const Answer kAnswer = wrong("gives zeros the scale 0");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  DynamicallyQuantized result = assemble({}, x);
  if (std::ranges::all_of(x, [](float value) { return value == 0.0F; })) result.y_scale = 0.0F;
  return result;
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace scale_0_for_zeros

namespace smallest_scale {
const Answer kAnswer = wrong("keeps the scale above PyTorch's smallest");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble(
      {.scale = [](float low,
                   float high) { return std::max((high - low) / 255.0F, 1.1920929e-07F); }},
      x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace smallest_scale

namespace seven_bits {
const Answer kAnswer = wrong("takes 0..127 for the range");
namespace exercise {
using ::exercise::DynamicallyQuantized;
inline DynamicallyQuantized dynamic_quantize_linear(std::span<const float> x) {
  return assemble({.scale = [](float low, float high) { return (high - low) / 127.0F; }}, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_1_test.cpp"
}  // namespace seven_bits

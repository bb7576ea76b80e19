// Answers to exercise 6.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch06_2_test.cpp"

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*normalize)(float p) = [](float p) { return (p / 255.0F - 0.1307F) / 0.3081F; };
  float (*steps)(float x, float s) = [](float x, float s) { return x * (1.0F / s); };
  float (*round)(float) = [](float x) { return std::nearbyint(x); };
};
using Table = std::array<std::uint8_t, 256>;

inline Table assemble(const Parts& parts, float scale, std::int32_t zero_point, std::int32_t qmax) {
  Table table{};
  for (std::size_t p = 0; p < table.size(); ++p) {
    const float rounded = parts.round(parts.steps(parts.normalize(static_cast<float>(p)), scale));
    const auto zero = static_cast<float>(zero_point);
    table[p] =
        static_cast<std::uint8_t>(std::clamp(rounded + zero, 0.0F, static_cast<float>(qmax)));
  }
  return table;
}

namespace from_the_end {
const Answer kAnswer = right("from white to black, with integers");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  std::array<std::uint8_t, 256> table;
  const float inverse = 1.0F / scale;
  for (int p = 255; p >= 0; --p) {
    float x = static_cast<float>(p);
    x /= 255.0F;
    x -= 0.1307F;
    x /= 0.3081F;
    const long q = std::lrint(inverse * x) + zero_point;
    table[static_cast<std::size_t>(p)] = static_cast<std::uint8_t>(q < 0 ? 0 : q > qmax ? qmax : q);
  }
  return table;
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace from_the_end

namespace in_double {
const Answer kAnswer = right("in double, rounded to float32 after every operation");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  std::array<std::uint8_t, 256> table{};
  const auto f = [](double value) { return static_cast<double>(static_cast<float>(value)); };
  for (std::size_t p = 0; p < table.size(); ++p) {
    const double x = f(f(f(static_cast<double>(p) / 255.0) - f(0.1307)) / f(0.3081));
    const double q = std::rint(f(x * f(1.0 / static_cast<double>(scale)))) + zero_point;
    table[p] = static_cast<std::uint8_t>(std::clamp<double>(q, 0, qmax));
  }
  return table;
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace in_double

namespace divided {
const Answer kAnswer = wrong("divides by the scale");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.steps = [](float x, float s) { return x / s; }}, scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace divided

namespace pixel_in_double {
const Answer kAnswer = wrong("normalizes in double");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble(
      {.normalize =
           [](float p) {
             return static_cast<float>((static_cast<double>(p) / 255.0 - 0.1307) / 0.3081);
           }},
      scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace pixel_in_double

namespace by_reciprocals {
const Answer kAnswer = wrong("multiplies by 1/255 and by 1/0.3081");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble(
      {.normalize = [](float p) { return (p * (1.0F / 255.0F) - 0.1307F) * (1.0F / 0.3081F); }},
      scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace by_reciprocals

namespace one_reciprocal {
const Answer kAnswer = wrong("multiplies by 1/0.3081");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.normalize = [](float p) { return (p / 255.0F - 0.1307F) * (1.0F / 0.3081F); }},
                  scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace one_reciprocal

namespace by_pixels {
const Answer kAnswer = wrong("takes mean and deviation of the pixels times 255");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble(
      {.normalize = [](float p) { return (p - 0.1307F * 255.0F) / (0.3081F * 255.0F); }}, scale,
      zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace by_pixels

namespace one_factor {
const Answer kAnswer = wrong("divides by 0.3081 times the scale");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.normalize = [](float p) { return p / 255.0F - 0.1307F; },
                   .steps = [](float x, float s) { return x / (0.3081F * s); }},
                  scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace one_factor

namespace of_256 {
const Answer kAnswer = wrong("divides by 256");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.normalize = [](float p) { return (p / 256.0F - 0.1307F) / 0.3081F; }}, scale,
                  zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace of_256

namespace not_normalized {
const Answer kAnswer = wrong("forgets to normalize");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.normalize = [](float p) { return p / 255.0F; }}, scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace not_normalized

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.round = [](float x) { return std::round(x); }}, scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace ties_away

namespace ties_up {
const Answer kAnswer = wrong("rounds ties up");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.round = [](float x) { return std::floor(x + 0.5F); }}, scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace ties_up

namespace cut_off {
const Answer kAnswer = wrong("cuts off in place of rounding");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({.round = [](float x) { return std::trunc(x); }}, scale, zero_point, qmax);
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace cut_off

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  Table table = assemble({}, scale, 0, 0);
  for (std::size_t p = 0; p < table.size(); ++p) {
    const float steps = (static_cast<float>(p) / 255.0F - 0.1307F) / 0.3081F * (1.0F / scale);
    const float moved = std::nearbyint(steps + static_cast<float>(zero_point));
    table[p] = static_cast<std::uint8_t>(std::clamp(moved, 0.0F, static_cast<float>(qmax)));
  }
  return table;
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace zero_point_first

namespace clamped_first {
const Answer kAnswer = wrong("clamps the steps to 0..qmax, then adds the zero point");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  Table table = assemble({}, scale, 0, qmax);
  for (std::uint8_t& q : table) q = static_cast<std::uint8_t>(std::min(q + zero_point, qmax));
  return table;
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace clamped_first

namespace always_255 {
const Answer kAnswer = wrong("clamps to 255, whatever qmax");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  return assemble({}, scale, zero_point, std::max(qmax, 255));
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace always_255

namespace wrapped {
const Answer kAnswer = wrong("keeps the last 8 bits in place of clamping");
namespace exercise {
inline std::array<std::uint8_t, 256> input_table(float scale, std::int32_t zero_point,
                                                 std::int32_t qmax) {
  Table table{};
  for (std::size_t p = 0; p < table.size(); ++p) {
    const float steps = (static_cast<float>(p) / 255.0F - 0.1307F) / 0.3081F * (1.0F / scale);
    table[p] =
        static_cast<std::uint8_t>((std::lrint(steps) + zero_point) & (qmax == 255 ? 255 : 127));
  }
  return table;
}
}  // namespace exercise
#include "tests/exercises/ch06_2_test.cpp"
}  // namespace wrapped

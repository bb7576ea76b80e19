// Answers to exercise 13.1. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch13_1_test.cpp"

namespace parts {

inline float high_of(qfs::QuantParams output) {
  const std::int32_t of_six = qfs::quantize_value(6.0F, output, qfs::unsigned_range(8));
  return static_cast<float>(of_six - output.zero_point);
}

// Steps cut to [low, high], as a byte.
inline std::uint8_t byte_of(float rounded, float low, float high, std::int32_t zero_point) {
  const float clamped = std::min(std::max(rounded, low), high);
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(clamped) + zero_point);
}

// The row, with other steps for a sum and its multiplier, and another high end.
inline void by_steps(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                     qfs::QuantParams output, std::span<std::uint8_t> y, auto steps, float low,
                     float high) {
  for (std::size_t n = 0; n < sums.size(); ++n)
    y[n] = byte_of(steps(sums[n], multiplier[n]), low, high, output.zero_point);
}

inline float rounded(std::int32_t sum, float multiplier) {
  return std::nearbyint(static_cast<float>(sum) * multiplier);
}

}  // namespace parts

namespace in_parts {
const Answer kAnswer = right("rounds, then clamps");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded, 0.0F, parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace in_parts

namespace clamps_the_real {
const Answer kAnswer = right("clamps the steps first, at 6 / s unrounded, and then rounds");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  const float six =
      std::min(6.0F * (1.0F / output.scale), static_cast<float>(255 - output.zero_point));
  for (std::size_t n = 0; n < sums.size(); ++n) {
    const float clamped = std::clamp(static_cast<float>(sums[n]) * multiplier[n], 0.0F, six);
    y[n] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::nearbyint(clamped)) +
                                     output.zero_point);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace clamps_the_real

namespace by_chapter_02 {
const Answer kAnswer = right("asks chapter 02, with the range of chapter 07");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  const qfs::QuantRange range{output.zero_point, qfs::quantize_value(6.0F, output, {0, 255})};
  for (std::size_t n = 0; n < sums.size(); ++n) {
    y[n] = static_cast<std::uint8_t>(
        qfs::requantize_float(sums[n], multiplier[n], output.zero_point, range));
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace by_chapter_02

namespace six_steps {
const Answer kAnswer = wrong("cuts at six steps, not at the real 6");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded, 0.0F, 6.0F);
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace six_steps

namespace six_cut_off {
const Answer kAnswer = wrong("cuts the fraction of 6 / s off");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(
      sums, multiplier, output, y, parts::rounded, 0.0F,
      std::min(std::floor(6.0F / output.scale), static_cast<float>(255 - output.zero_point)));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace six_cut_off

namespace six_up {
const Answer kAnswer = wrong("rounds the half of 6 / s up");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded, 0.0F,
                  std::min(std::floor(6.0F / output.scale + 0.5F),
                           static_cast<float>(255 - output.zero_point)));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace six_up

namespace six_not_in_bytes {
const Answer kAnswer = wrong("forgets that 6 may lie above 255");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded, 0.0F,
                  std::nearbyint(6.0F * (1.0F / output.scale)));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace six_not_in_bytes

namespace no_upper_cut {
const Answer kAnswer = wrong("is a ReLU");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded, 0.0F,
                  static_cast<float>(255 - output.zero_point));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace no_upper_cut

namespace no_lower_cut {
const Answer kAnswer = wrong("cuts at the byte 0, not at the zero point");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded,
                  static_cast<float>(-output.zero_point), parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace no_lower_cut

namespace zero_point_twice {
const Answer kAnswer = wrong("forgets to take the zero point off the high end");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(sums, multiplier, output, y, parts::rounded, 0.0F,
                  std::min(static_cast<float>(255 - output.zero_point),
                           static_cast<float>(qfs::quantize_value(6.0F, output, {0, 255}))));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace zero_point_twice

namespace half_up {
const Answer kAnswer = wrong("rounds halves up");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(
      sums, multiplier, output, y,
      [](std::int32_t sum, float m) { return std::floor(static_cast<float>(sum) * m + 0.5F); },
      0.0F, parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace half_up

namespace half_away {
const Answer kAnswer = wrong("rounds halves away from zero");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(
      sums, multiplier, output, y,
      [](std::int32_t sum, float m) { return std::round(static_cast<float>(sum) * m); }, 0.0F,
      parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace half_away

namespace truncates {
const Answer kAnswer = wrong("cuts fractions off");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(
      sums, multiplier, output, y,
      [](std::int32_t sum, float m) { return std::trunc(static_cast<float>(sum) * m); }, 0.0F,
      parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace truncates

namespace in_double {
const Answer kAnswer = wrong("multiplies in double");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  parts::by_steps(
      sums, multiplier, output, y,
      [](std::int32_t sum, float m) {
        return static_cast<float>(
            std::nearbyint(static_cast<double>(sum) * static_cast<double>(m)));
      },
      0.0F, parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace in_double

namespace zero_point_before_rounding {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  const float z = static_cast<float>(output.zero_point), high = parts::high_of(output) + z;
  for (std::size_t n = 0; n < sums.size(); ++n) {
    const float rounded = std::nearbyint(static_cast<float>(sums[n]) * multiplier[n] + z);
    y[n] = static_cast<std::uint8_t>(std::min(std::max(rounded, z), high));
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace zero_point_before_rounding

namespace converts_before_the_clamp {
const Answer kAnswer = wrong("converts before it clamps, as cvtps does: -2^31 beyond the range");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  const auto high = static_cast<std::int64_t>(parts::high_of(output));
  for (std::size_t n = 0; n < sums.size(); ++n) {
    const float rounded = parts::rounded(sums[n], multiplier[n]);
    const std::int64_t steps =
        std::fabs(rounded) < 0x1p31F ? static_cast<std::int64_t>(rounded) : kMin;
    y[n] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(steps, 0, high) + output.zero_point);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace converts_before_the_clamp

namespace first_multiplier {
const Answer kAnswer = wrong("uses the first multiplier for all");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < sums.size(); ++n) {
    y[n] = parts::byte_of(parts::rounded(sums[n], multiplier[0]), 0.0F, parts::high_of(output),
                          output.zero_point);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace first_multiplier

namespace rest_of_eight_forgotten {
const Answer kAnswer = wrong("leaves out what 8 does not divide");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  const std::size_t whole = sums.size() / 8 * 8;
  parts::by_steps(sums.first(whole), multiplier, output, y, parts::rounded, 0.0F,
                  parts::high_of(output));
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace rest_of_eight_forgotten

namespace wraps {
const Answer kAnswer = wrong("keeps the low byte, without a cut");
namespace exercise {
inline void to_u8_relu6(std::span<const std::int32_t> sums, std::span<const float> multiplier,
                        qfs::QuantParams output, std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < sums.size(); ++n) {
    const float rounded = std::clamp(parts::rounded(sums[n], multiplier[n]), 0.0F, 1e6F);
    y[n] = static_cast<std::uint8_t>(static_cast<std::int32_t>(rounded) + output.zero_point);
  }
}
}  // namespace exercise
#include "tests/exercises/ch13_1_test.cpp"
}  // namespace wraps

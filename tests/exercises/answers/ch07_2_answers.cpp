// Answers to exercise 7.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch07_2_test.cpp"

#include <algorithm>
#include <cmath>

using qfs::quantize_value;
using qfs::QuantRange;

// Any integer may come out of this range.
constexpr QuantRange kWide = {-1000000, 1000000};

namespace cut_of_the_ends {
const Answer kAnswer = right("cuts the reals that the ends of the range stand for");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  const auto end = [&](std::int32_t q) {
    return quantize_value(std::clamp(qfs::dequantize_value(q, output), low, high), output, range);
  };
  return {end(range.qmin), end(range.qmax)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace cut_of_the_ends

namespace by_hand {
const Answer kAnswer = right("rounds by itself, and clamps both integers to the range");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  const float inverse = 1.0F / output.scale;
  const auto integer = [&](float x) {
    const float steps = std::rint(std::fmin(std::fmax(inverse * x, -1e6F), 1e6F));
    return std::min(std::max(output.zero_point + static_cast<std::int32_t>(steps), range.qmin),
                    range.qmax);
  };
  return {integer(low), integer(high)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace by_hand

namespace leaves_the_range {
const Answer kAnswer =
    wrong("takes the larger of two lower ends and the smaller of two upper ones");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {std::max(range.qmin, quantize_value(low, output, kWide)),
          std::min(range.qmax, quantize_value(high, output, kWide))};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace leaves_the_range

namespace range_ignored {
const Answer kAnswer = wrong("ignores the range");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {quantize_value(low, output, {std::min(range.qmin, -128), 255}),
          quantize_value(high, output, {-128, 255})};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace range_ignored

namespace always_u8 {
const Answer kAnswer = wrong("takes 0..255 for the range");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {quantize_value(low, output, {std::min(range.qmin, 0), 255}),
          quantize_value(high, output, {0, 255})};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace always_u8

namespace range_not_cut {
const Answer kAnswer = wrong("returns the range as it was");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return quantize_value(low, output, range) > quantize_value(high, output, range) ? QuantRange{}
                                                                                  : range;
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace range_not_cut

namespace upper_end_kept {
const Answer kAnswer = wrong("cuts at the lower end only");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {quantize_value(low, output, range), high < low ? range.qmin : range.qmax};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace upper_end_kept

namespace lower_end_kept {
const Answer kAnswer = wrong("cuts at the upper end only");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {high < low ? range.qmax : range.qmin, quantize_value(high, output, range)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace lower_end_kept

namespace always_a_relu {
const Answer kAnswer = wrong("lets nothing below the zero point out");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {std::max(quantize_value(low, output, range), output.zero_point),
          quantize_value(high, output, range)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace always_a_relu

namespace zero_point_forgotten {
const Answer kAnswer = wrong("forgets the zero point");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  output.zero_point = 0;
  return {quantize_value(low, output, range), quantize_value(high, output, range)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace zero_point_forgotten

namespace steps_of_the_scale {
const Answer kAnswer = wrong("takes the cut for a number of steps");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  output.scale = 1.0F;
  return {quantize_value(low, output, range), quantize_value(high, output, range)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace steps_of_the_scale

namespace inside_of_the_cut {
const Answer kAnswer = wrong("takes the integers whose reals lie inside the cut");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  const auto inverse = static_cast<double>(1.0F / output.scale);
  const double lower = std::ceil(static_cast<double>(low) * inverse) + output.zero_point,
               upper = std::floor(static_cast<double>(high) * inverse) + output.zero_point;
  return {static_cast<std::int32_t>(std::clamp<double>(lower, range.qmin, range.qmax)),
          static_cast<std::int32_t>(std::clamp<double>(upper, range.qmin, range.qmax))};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace inside_of_the_cut

namespace outside_of_the_cut {
const Answer kAnswer = wrong("rounds both ends outward");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  const auto inverse = static_cast<double>(1.0F / output.scale);
  const double lower = std::floor(static_cast<double>(low) * inverse) + output.zero_point,
               upper = std::ceil(static_cast<double>(high) * inverse) + output.zero_point;
  return {static_cast<std::int32_t>(std::clamp<double>(lower, range.qmin, range.qmax)),
          static_cast<std::int32_t>(std::clamp<double>(upper, range.qmin, range.qmax))};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace outside_of_the_cut

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  const auto integer = [&](float x) {
    return static_cast<std::int32_t>(
        std::clamp(std::round(x * (1.0F / output.scale)) + static_cast<float>(output.zero_point),
                   static_cast<float>(range.qmin), static_cast<float>(range.qmax)));
  };
  return {integer(low), integer(high)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace ties_away

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  const auto integer = [&](float x) {
    return static_cast<std::int32_t>(std::clamp(
        std::nearbyint(x * (1.0F / output.scale) + static_cast<float>(output.zero_point)),
        static_cast<float>(range.qmin), static_cast<float>(range.qmax)));
  };
  return {integer(low), integer(high)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace zero_point_first

namespace divided {
const Answer kAnswer = wrong("divides by the scale, as ONNX does");
namespace exercise {
inline qfs::QuantRange fused_range(qfs::QuantParams output, qfs::QuantRange range, float low,
                                   float high) {
  return {quantize_value(low, output, range, qfs::Rounding::half_even_divide),
          quantize_value(high, output, range, qfs::Rounding::half_even_divide)};
}
}  // namespace exercise
#include "tests/exercises/ch07_2_test.cpp"
}  // namespace divided

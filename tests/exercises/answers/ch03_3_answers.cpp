// Answers to exercise 3.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch03_3_test.cpp"

using exercise::kSmallestScale;

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*scale)(float, float) = [](float largest, float end) {
    return std::max(largest / end, kSmallestScale);
  };
  float (*steps)(float, float) = [](float w, float s) { return std::nearbyint(w * (1.0F / s)); };
  bool signed_maximum = false;
};

inline void quantize_group(const Parts& parts, std::span<const float> w, std::int32_t qmax,
                           std::span<float> y) {
  float largest = 0.0F;
  for (float value : w)
    largest = std::max(largest, parts.signed_maximum ? value : std::fabs(value));
  const float scale = parts.scale(largest, static_cast<float>(qmax));
  for (std::size_t i = 0; i < w.size(); ++i) y[i] = scale * parts.steps(w[i], scale);
}

inline void assemble(const Parts& parts, std::span<const float> w, std::size_t columns,
                     std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  for (std::size_t row = 0; row < w.size(); row += columns)
    for (std::size_t begin = 0; begin < columns; begin += group_size) {
      const std::size_t length = std::min(group_size, columns - begin);
      quantize_group(parts, w.subspan(row + begin, length), qmax, y.subspan(row + begin, length));
    }
}

namespace by_index {
const Answer kAnswer = right("finds each number's group from its index");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::size_t row = i - i % columns, begin = row + (i - row) / group_size * group_size;
    float largest = 0.0F;
    for (std::size_t k = begin; k < row + columns && k - begin < group_size; ++k)
      largest = std::fmax(largest, std::abs(w[k]));
    const float s = largest / static_cast<float>(qmax) < kSmallestScale
                        ? kSmallestScale
                        : largest / static_cast<float>(qmax);
    y[i] = std::rint(1.0F / s * w[i]) * s;
  }
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace by_index

namespace clamped_as_well {
const Answer kAnswer = right("takes minimum and maximum, and clamps, which changes nothing");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  while (!w.empty()) {
    for (std::size_t left = columns; left > 0;) {
      const std::size_t length = std::min(left, group_size);
      const auto [low, high] =
          std::minmax_element(w.begin(), w.begin() + static_cast<std::ptrdiff_t>(length));
      const float end = static_cast<float>(qmax),
                  s = std::max(std::max(-*low, *high) / end, kSmallestScale), inverse = 1.0F / s;
      for (std::size_t i = 0; i < length; ++i)
        y[i] = s * std::clamp(std::nearbyint(w[i] * inverse), -end, end);
      w = w.subspan(length);
      y = y.subspan(length);
      left -= length;
    }
  }
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace clamped_as_well

namespace groups_across_rows {
const Answer kAnswer = wrong("counts groups across the whole array");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  columns = w.size();
  assemble({}, w, columns, group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace groups_across_rows

namespace one_scale_a_row {
const Answer kAnswer = wrong("gives a row one scale");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({}, w, columns, std::max(group_size, columns), qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace one_scale_a_row

namespace one_scale {
const Answer kAnswer = wrong("gives all weights one scale");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({}, w, std::max(columns, w.size()), std::max(group_size, w.size()), qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace one_scale

namespace short_group_left {
const Answer kAnswer = wrong("leaves the short group of a row as it is");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  std::ranges::copy(w, y.begin());
  for (std::size_t row = 0; row < w.size(); row += columns)
    for (std::size_t begin = 0; begin + group_size <= columns; begin += group_size)
      quantize_group({}, w.subspan(row + begin, group_size), qmax,
                     y.subspan(row + begin, group_size));
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace short_group_left

namespace short_group_joined {
const Answer kAnswer = wrong("joins the short group to the one before");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  for (std::size_t row = 0; row < w.size(); row += columns)
    for (std::size_t begin = 0; begin < columns;) {
      const std::size_t left = columns - begin, length = left < 2 * group_size ? left : group_size;
      quantize_group({}, w.subspan(row + begin, length), qmax, y.subspan(row + begin, length));
      begin += length;
    }
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace short_group_joined

namespace signed_maximum {
const Answer kAnswer = wrong("takes the largest number, not the largest magnitude");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.signed_maximum = true}, w, columns, group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace signed_maximum

namespace divided_by_zero {
const Answer kAnswer = wrong("divides by 0 in a group of zeros");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.scale = [](float largest, float end) { return largest / end; }}, w, columns,
           group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace divided_by_zero

namespace only_zeros {
const Answer kAnswer = wrong("takes the smallest scale for groups of zeros only");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.scale = [](float largest,
                        float end) { return largest > 0.0F ? largest / end : kSmallestScale; }},
           w, columns, group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace only_zeros

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.steps = [](float v, float s) { return std::round(v * (1.0F / s)); }}, w, columns,
           group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace ties_away

namespace divided {
const Answer kAnswer = wrong("divides by the scale");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.steps = [](float v, float s) { return std::nearbyint(v / s); }}, w, columns,
           group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace divided

namespace in_double {
const Answer kAnswer = wrong("finds the steps in double");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.steps =
                [](float v, float s) {
                  return static_cast<float>(
                      std::nearbyint(static_cast<double>(v) / static_cast<double>(s)));
                }},
           w, columns, group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace in_double

namespace qmax_by_largest {
const Answer kAnswer = wrong("multiplies by qmax / largest");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  for (std::size_t row = 0; row < w.size(); row += columns)
    for (std::size_t begin = 0; begin < columns; begin += group_size) {
      float largest = 0.0F;
      const std::size_t end = row + std::min(begin + group_size, columns);
      for (std::size_t i = row + begin; i < end; ++i) largest = std::max(largest, std::fabs(w[i]));
      const float s = std::max(largest / static_cast<float>(qmax), kSmallestScale);
      const float inverse = std::min(static_cast<float>(qmax) / largest, 1.0F / kSmallestScale);
      for (std::size_t i = row + begin; i < end; ++i) y[i] = s * std::nearbyint(w[i] * inverse);
    }
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace qmax_by_largest

namespace wrong_number_of_steps {
const Answer kAnswer = wrong("divides by qmax + 1");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({.scale = [](float largest,
                        float end) { return std::max(largest / (end + 1.0F), kSmallestScale); }},
           w, columns, group_size, qmax, y);
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace wrong_number_of_steps

namespace integers {
const Answer kAnswer = wrong("writes the integers");
namespace exercise {
inline void fake_quantize_groups(std::span<const float> w, std::size_t columns,
                                 std::size_t group_size, std::int32_t qmax, std::span<float> y) {
  assemble({}, w, columns, group_size, qmax, y);
  for (std::size_t row = 0; row < w.size(); row += columns)
    for (std::size_t begin = 0; begin < columns; begin += group_size) {
      const std::size_t length = std::min(group_size, columns - begin);
      const float largest = std::fabs(*std::ranges::max_element(
          w.subspan(row + begin, length), {}, [](float v) { return std::fabs(v); }));
      for (std::size_t i = 0; i < length; ++i)
        y[row + begin + i] /= std::max(largest / static_cast<float>(qmax), kSmallestScale);
    }
}
}  // namespace exercise
#include "tests/exercises/ch03_3_test.cpp"
}  // namespace integers

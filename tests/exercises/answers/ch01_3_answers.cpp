// Answers to exercise 1.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch01_3_test.cpp"

// The scale of a group, as the exercise wants it.
inline float scale_of(float magnitude, std::int32_t qmax) {
  return magnitude > 0.0F ? magnitude / static_cast<float>(qmax) : 1.0F;
}

inline float magnitude_of(std::span<const float> group) {
  float magnitude = 0.0F;
  for (float weight : group) magnitude = std::max(magnitude, std::fabs(weight));
  return magnitude;
}

inline std::span<const float> group_at(std::span<const float> row, std::size_t start,
                                       std::size_t size) {
  return row.subspan(start, std::min(size, row.size() - start));
}

namespace indices {
const Answer kAnswer =
    right("goes over the numbers once, and divides at the end of a group, in double");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  double largest = 0.0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    largest = std::fmax(largest, std::abs(static_cast<double>(row[i])));
    if ((i + 1) % group_size != 0 && i + 1 != row.size()) continue;
    scales.push_back(largest == 0.0 ? 1.0F : static_cast<float>(largest / qmax));
    largest = 0.0;
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace indices

namespace ends {
const Answer kAnswer = right("takes the group's minimum and maximum");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  while (!row.empty()) {
    const auto group = row.first(std::min(row.size(), group_size));
    const auto [low, high] = std::minmax_element(group.begin(), group.end());
    const float magnitude = std::max(-*low, *high);
    scales.push_back(magnitude == 0.0F ? 1.0F : magnitude / static_cast<float>(qmax));
    row = row.subspan(group.size());
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace ends

namespace signed_maximum {
const Answer kAnswer = wrong("takes the largest number, not the largest magnitude");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size)
    scales.push_back(
        scale_of(std::fabs(*std::ranges::max_element(group_at(row, start, group_size))), qmax));
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace signed_maximum

namespace short_group_dropped {
const Answer kAnswer = wrong("leaves the short group out");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start + group_size <= row.size(); start += group_size)
    scales.push_back(scale_of(magnitude_of(group_at(row, start, group_size)), qmax));
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace short_group_dropped

namespace short_group_filled {
const Answer kAnswer = wrong("lets the short group reach back into the one before");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size) {
    const std::size_t begin = start + group_size > row.size() && row.size() >= group_size
                                  ? row.size() - group_size
                                  : start;
    scales.push_back(scale_of(magnitude_of(group_at(row, begin, group_size)), qmax));
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace short_group_filled

namespace zero_scale {
const Answer kAnswer = wrong("gives a group of zeros the scale 0");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size)
    scales.push_back(magnitude_of(group_at(row, start, group_size)) / static_cast<float>(qmax));
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace zero_scale

namespace smallest_scale {
const Answer kAnswer = wrong("gives a group of zeros, and all that is tiny, a smallest scale");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size)
    scales.push_back(std::max(
        magnitude_of(group_at(row, start, group_size)) / static_cast<float>(qmax), 1.1920929e-07F));
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace smallest_scale

namespace tiny_is_zero {
const Answer kAnswer = wrong("takes tiny weights for zeros");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size) {
    const float magnitude = magnitude_of(group_at(row, start, group_size));
    scales.push_back(scale_of(magnitude < 1e-30F ? 0.0F : magnitude, qmax));
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace tiny_is_zero

namespace not_begun_anew {
const Answer kAnswer = wrong("carries the largest magnitude into the next group");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  float magnitude = 0.0F;
  for (std::size_t start = 0; start < row.size(); start += group_size) {
    magnitude = std::max(magnitude, magnitude_of(group_at(row, start, group_size)));
    scales.push_back(scale_of(magnitude, qmax));
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace not_begun_anew

namespace one_scale {
const Answer kAnswer = wrong("gives all groups the row's scale");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  const std::size_t groups = (row.size() + group_size - 1) / group_size;
  return std::vector<float>(groups, scale_of(magnitude_of(row), qmax));
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace one_scale

namespace by_the_reciprocal {
const Answer kAnswer = wrong("multiplies by 1 / qmax");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size) {
    const float magnitude = magnitude_of(group_at(row, start, group_size));
    scales.push_back(magnitude > 0.0F ? magnitude * (1.0F / static_cast<float>(qmax)) : 1.0F);
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace by_the_reciprocal

namespace half_a_step_more {
const Answer kAnswer = wrong("divides by qmax + 1/2, as for the whole range");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  for (std::size_t start = 0; start < row.size(); start += group_size) {
    const float magnitude = magnitude_of(group_at(row, start, group_size));
    scales.push_back(magnitude > 0.0F ? magnitude / (static_cast<float>(qmax) + 0.5F) : 1.0F);
  }
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace half_a_step_more

namespace no_row_without_a_group {
const Answer kAnswer = wrong("gives an empty row a group");
namespace exercise {
inline std::vector<float> group_scales(std::span<const float> row, std::size_t group_size,
                                       std::int32_t qmax) {
  std::vector<float> scales;
  std::size_t start = 0;
  do {
    scales.push_back(scale_of(magnitude_of(group_at(row, start, group_size)), qmax));
    start += group_size;
  } while (start < row.size());
  return scales;
}
}  // namespace exercise
#include "tests/exercises/ch01_3_test.cpp"
}  // namespace no_row_without_a_group

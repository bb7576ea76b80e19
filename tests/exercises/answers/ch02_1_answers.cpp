// Answers to exercise 2.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch02_1_test.cpp"

namespace weight_by_weight {
const Answer kAnswer = right("takes every weight's share away by itself");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    std::int32_t& of_row = bias[i / (w.size() / bias.size())];
    of_row -= 128 * w[i];
    of_row -= x_zero_point * w[i];
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace weight_by_weight

namespace two_sums {
const Answer kAnswer = right("from the end, with a 64-bit sum");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  for (std::size_t n = bias.size(); n-- > 0;) {
    const auto row = w.last(w.size() / (n + 1));
    w = w.first(w.size() - row.size());
    std::int64_t sum = 0;
    for (std::int8_t q : row) sum -= q;
    bias[n] += static_cast<std::int32_t>(sum * x_zero_point + 128 * sum);
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace two_sums

namespace added {
const Answer kAnswer = wrong("adds what must be taken away");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::int8_t q : w.subspan(n * depth, depth)) bias[n] += (128 + x_zero_point) * q;
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace added

namespace zero_point_forgotten {
const Answer kAnswer = wrong("undoes the 128 and forgets the zero point");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  x_zero_point = 0;
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::int8_t q : w.subspan(n * depth, depth)) bias[n] -= (128 + x_zero_point) * q;
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace zero_point_forgotten

namespace shift_forgotten {
const Answer kAnswer = wrong("folds the zero point in and forgets the 128");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::int8_t q : w.subspan(n * depth, depth)) bias[n] -= x_zero_point * q;
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace shift_forgotten

namespace difference {
const Answer kAnswer = wrong("takes 128 - z_x for 128 + z_x");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::int8_t q : w.subspan(n * depth, depth)) bias[n] -= (128 - x_zero_point) * q;
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace difference

namespace shift_of_127 {
const Answer kAnswer = wrong("shifts by 127");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::int8_t q : w.subspan(n * depth, depth)) bias[n] -= (127 + x_zero_point) * q;
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace shift_of_127

namespace sum_in_8_bits {
const Answer kAnswer = wrong("sums the weights in 8 bits");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n) {
    std::int8_t sum = 0;
    for (std::int8_t q : w.subspan(n * depth, depth)) sum = static_cast<std::int8_t>(sum + q);
    bias[n] -= (128 + x_zero_point) * sum;
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace sum_in_8_bits

namespace sum_in_16_bits {
const Answer kAnswer = wrong("sums the weights in 16 bits");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n) {
    std::int16_t sum = 0;
    for (std::int8_t q : w.subspan(n * depth, depth)) sum = static_cast<std::int16_t>(sum + q);
    bias[n] -= (128 + x_zero_point) * sum;
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace sum_in_16_bits

namespace columns {
const Answer kAnswer = wrong("sums columns, not rows");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::size_t i = n; i < w.size(); i += bias.size()) bias[n] -= (128 + x_zero_point) * w[i];
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace columns

namespace all_rows {
const Answer kAnswer = wrong("takes the sum of all weights for the sum of a row");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  std::int32_t sum = 0;
  for (std::int8_t q : w) sum += q;
  for (std::int32_t& b : bias) b -= (128 + x_zero_point) * sum;
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace all_rows

namespace sum_runs_on {
const Answer kAnswer = wrong("does not begin the sum anew in every row");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  std::int32_t sum = 0;
  for (std::size_t n = 0; n < bias.size(); ++n) {
    for (std::int8_t q : w.subspan(n * depth, depth)) sum += q;
    bias[n] -= (128 + x_zero_point) * sum;
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace sum_runs_on

namespace magnitudes {
const Answer kAnswer = wrong("sums the magnitudes of the weights");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n)
    for (std::int8_t q : w.subspan(n * depth, depth))
      bias[n] -= (128 + x_zero_point) * (q < 0 ? -q : q);
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace magnitudes

namespace bias_lost {
const Answer kAnswer = wrong("overwrites the bias");
namespace exercise {
inline void compensate(std::span<const std::int8_t> w, std::int32_t x_zero_point,
                       std::span<std::int32_t> bias) {
  const std::size_t depth = bias.empty() ? 0 : w.size() / bias.size();
  for (std::size_t n = 0; n < bias.size(); ++n) {
    bias[n] = 0;
    for (std::int8_t q : w.subspan(n * depth, depth)) bias[n] -= (128 + x_zero_point) * q;
  }
}
}  // namespace exercise
#include "tests/exercises/ch02_1_test.cpp"
}  // namespace bias_lost

// Answers to exercise 10.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch10_1_test.cpp"

#include <cmath>
#include <cstdlib>

#include "10_kernel_ladder/saturation.hpp"

namespace by_search {
const Answer kAnswer = right("tries one x_max after the other");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  std::int32_t x_max = 0;
  while (x_max < 256 && !qfs::can_saturate(w0, w1, x_max)) ++x_max;
  return x_max;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace by_search

namespace by_signs {
const Answer kAnswer = right("looks at the signs first, and divides in double");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  if ((w0 < 0) != (w1 < 0)) return 256;
  const double sum = w0 + w1;
  if (sum == 0) return 256;
  const double last = std::floor((sum > 0 ? 32767.0 : -32768.0) / sum);
  return last < 255.0 ? static_cast<std::int32_t>(last) + 1 : 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace by_signs

namespace above_only {
const Answer kAnswer = wrong("looks at the upper end alone");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int p = std::max<int>(w0, 0) + std::max<int>(w1, 0);
  return p > 0 ? std::min(32767 / p + 1, 256) : 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace above_only

namespace below_only {
const Answer kAnswer = wrong("looks at the lower end alone");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int n = -std::min<int>(w0, 0) - std::min<int>(w1, 0);
  return n > 0 ? std::min(32768 / n + 1, 256) : 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace below_only

namespace magnitudes {
const Answer kAnswer = wrong("adds the magnitudes of weights of two signs");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int sum = std::abs(w0) + std::abs(w1);
  const int end = w0 < 0 && w1 < 0 ? 32768 : 32767;
  return sum > 0 ? std::min(end / sum + 1, 256) : 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace magnitudes

namespace one_end_for_both {
const Answer kAnswer = wrong("ends at -32767");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int p = std::max<int>(w0, 0) + std::max<int>(w1, 0);
  const int n = -std::min<int>(w0, 0) - std::min<int>(w1, 0);
  const int sum = std::max(p, n);
  return sum > 0 ? std::min(32767 / sum + 1, 256) : 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace one_end_for_both

namespace end_at_32768 {
const Answer kAnswer = right("lets 32768 pass on both sides: no two positive weights reach it");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  std::int32_t x = 0;
  const int p = std::max<int>(w0, 0) + std::max<int>(w1, 0);
  const int n = -std::min<int>(w0, 0) - std::min<int>(w1, 0);
  while (x < 256 && x * std::max(p, n) <= 32768) ++x;
  return x;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace end_at_32768

namespace last_that_fits {
const Answer kAnswer = wrong("returns the last that fits");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  std::int32_t x = 0;
  while (x < 255 && !qfs::can_saturate(w0, w1, x + 1)) ++x;
  return x;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace last_that_fits

namespace none_is_255 {
const Answer kAnswer = wrong("returns 255 where there is none");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  std::int32_t x = 0;
  while (x < 255 && !qfs::can_saturate(w0, w1, x)) ++x;
  return x;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace none_is_255

namespace none_is_0 {
const Answer kAnswer = wrong("returns 0 where there is none");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  std::int32_t x = 0;
  while (x < 256 && !qfs::can_saturate(w0, w1, x)) ++x;
  return x % 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace none_is_0

namespace both_inputs_at_x_max {
const Answer kAnswer =
    right("holds both inputs at x_max: weights of two signs have too small a sum");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int sum = w0 + w1;
  if (sum == 0) return 256;
  return std::min((sum > 0 ? 32767 : -32768) / sum + 1, 256);
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace both_inputs_at_x_max

namespace larger_weight_twice {
const Answer kAnswer = wrong("takes the larger weight for both");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int w = std::max(w0, w1);
  const int v = std::min(w0, w1);
  if (w <= 0 && v == 0) return 256;
  return std::min(w > 0 && v > 0 ? 32767 / (2 * w) + 1 : w < 0 ? 32768 / (-2 * v) + 1 : 256, 256);
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace larger_weight_twice

namespace sum_in_8_bits {
const Answer kAnswer = wrong("adds the weights in 8 bits, which wrap");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const auto p = static_cast<std::int8_t>(std::max<int>(w0, 0) + std::max<int>(w1, 0));
  const auto n = static_cast<std::int8_t>(std::min<int>(w0, 0) + std::min<int>(w1, 0));
  const int above = p > 0 ? 32767 / p + 1 : 256;
  const int below = n < 0 ? 32768 / -n + 1 : 256;
  return std::min({above, below, 256});
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace sum_in_8_bits

namespace unsigned_end {
const Answer kAnswer = wrong("takes 16 bits for unsigned");
namespace exercise {
inline std::int32_t first_to_saturate(std::int8_t w0, std::int8_t w1) {
  const int p = std::max<int>(w0, 0) + std::max<int>(w1, 0);
  const int n = -std::min<int>(w0, 0) - std::min<int>(w1, 0);
  const int sum = std::max(p, n);
  return sum > 0 ? std::min(65535 / sum + 1, 256) : 256;
}
}  // namespace exercise
#include "tests/exercises/ch10_1_test.cpp"
}  // namespace unsigned_end

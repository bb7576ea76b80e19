// Answers to exercise 7.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch07_1_test.cpp"

#include <cmath>

namespace relu_on_the_sum {
const Answer kAnswer = right("applies the ReLU to the sum, which has the sign of the output");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(std::max(acc[i], 0), m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace relu_on_the_sum

namespace by_hand {
const Answer kAnswer = right("rounds by itself, and compares before it converts");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  const float highest = static_cast<float>(range.qmax - zero_point);
  std::size_t i = 0;
  for (std::int32_t sum : acc) {
    const float steps = std::rint(m * static_cast<float>(sum));
    q[i++] = steps <= 0.0F      ? zero_point
             : steps >= highest ? range.qmax
                                : zero_point + static_cast<std::int32_t>(steps);
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace by_hand

namespace relu_forgotten {
const Answer kAnswer = wrong("forgets the ReLU");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(acc[i], m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace relu_forgotten

namespace relu_at_0 {
const Answer kAnswer = wrong("cuts at the integer 0");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  range.qmin = std::max(range.qmin, 0);
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(acc[i], m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace relu_at_0

namespace negative_becomes_0 {
const Answer kAnswer = wrong("writes 0 where the sum is negative");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = acc[i] < 0 ? 0 : qfs::requantize_float(acc[i], m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace negative_becomes_0

namespace negative_becomes_qmin {
const Answer kAnswer = wrong("writes qmin where the sum is negative");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = acc[i] < 0 ? range.qmin : qfs::requantize_float(acc[i], m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace negative_becomes_qmin

namespace magnitude {
const Answer kAnswer = wrong("takes the magnitude of the sum");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(std::abs(acc[i]), m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace magnitude

namespace always_255 {
const Answer kAnswer = wrong("clamps to 255, whatever qmax");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  range = {std::max(range.qmin, zero_point), std::max(range.qmax, 255)};
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(acc[i], m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace always_255

namespace half_a_range {
const Answer kAnswer = wrong("ends half a range above the zero point");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  range = {zero_point, std::min(range.qmax, zero_point + (range.qmax - range.qmin) / 2)};
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(acc[i], m, zero_point, range);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace half_a_range

namespace zero_point_twice {
const Answer kAnswer = wrong("adds the zero point to the sum as well");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = std::clamp(zero_point + qfs::requantize_float(std::max(acc[i], 0), m, zero_point, range),
                      zero_point, range.qmax);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace zero_point_twice

namespace zero_point_left_out {
const Answer kAnswer = wrong("adds no zero point");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = std::max(qfs::requantize_float(acc[i], m, 0, {-range.qmax, range.qmax}), zero_point);
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace zero_point_left_out

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float moved =
        std::nearbyint(static_cast<float>(acc[i]) * m + static_cast<float>(zero_point));
    q[i] = static_cast<std::int32_t>(
        std::clamp(moved, static_cast<float>(zero_point), static_cast<float>(range.qmax)));
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace zero_point_first

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float moved = std::round(static_cast<float>(acc[i]) * m) + static_cast<float>(zero_point);
    q[i] = static_cast<std::int32_t>(
        std::clamp(moved, static_cast<float>(zero_point), static_cast<float>(range.qmax)));
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace ties_away

namespace cut_off {
const Answer kAnswer = wrong("cuts off in place of rounding");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const float moved = std::trunc(static_cast<float>(acc[i]) * m) + static_cast<float>(zero_point);
    q[i] = static_cast<std::int32_t>(
        std::clamp(moved, static_cast<float>(zero_point), static_cast<float>(range.qmax)));
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace cut_off

namespace in_double {
const Answer kAnswer = wrong("multiplies in double");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const double moved = std::nearbyint(acc[i] * static_cast<double>(m)) + zero_point;
    q[i] = static_cast<std::int32_t>(std::clamp<double>(moved, zero_point, range.qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace in_double

namespace product_in_double {
const Answer kAnswer = wrong("rounds the sum to float32, and the product not");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const double sum = static_cast<double>(static_cast<float>(acc[i]));
    const double moved = std::nearbyint(sum * static_cast<double>(m)) + zero_point;
    q[i] = static_cast<std::int32_t>(std::clamp<double>(moved, zero_point, range.qmax));
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace product_in_double

namespace converted_first {
const Answer kAnswer = wrong("converts to 32 bits, which wrap, before it clamps");
namespace exercise {
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  for (std::size_t i = 0; i < acc.size(); ++i) {
    const auto exact = static_cast<std::int64_t>(std::nearbyint(static_cast<float>(acc[i]) * m));
    q[i] = std::clamp(static_cast<std::int32_t>(exact) + zero_point, zero_point, range.qmax);
  }
}
}  // namespace exercise
#include "tests/exercises/ch07_1_test.cpp"
}  // namespace converted_first

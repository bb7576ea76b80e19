// Answers to exercise 24.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch24_1_test.cpp"

#include <algorithm>
#include <cstdlib>

namespace by_rows {
const Answer kAnswer = right("goes row by row, in 64 bits");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights(q.size());
  for (std::size_t i = 0; i < q.size(); ++i) {
    const std::size_t row = i / K;
    const auto d = static_cast<std::int64_t>(q[i]) -
                   static_cast<std::int64_t>(zero_points[std::min(row, zero_points.size() - 1)]);
    weights[i] = static_cast<std::int8_t>(d);
    if (weights[i] != d) return {};
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace by_rows

namespace checks_first {
const Answer kAnswer = right("checks first, then fills");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  for (std::size_t i = 0; i < q.size(); ++i)
    if (std::abs(2 * (q[i] - zero_points[i / K % zero_points.size()]) + 1) > 255)
      return std::nullopt;
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i)
    weights.push_back(static_cast<std::int8_t>(q[i] - zero_points[i / K % zero_points.size()]));
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace checks_first

namespace always_128 {
const Answer kAnswer = wrong("takes 128 for the zero point");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - 128;
    if (d < -128 || d > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace always_128

namespace wraps {
const Answer kAnswer = wrong("lets the difference wrap around");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - zero_points[zero_points.size() == 1 ? 0 : i / K];
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace wraps

namespace saturates {
const Answer kAnswer = wrong("cuts the difference off at the ends");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - zero_points[zero_points.size() == 1 ? 0 : i / K];
    weights.push_back(static_cast<std::int8_t>(std::clamp(d, -128, 127)));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace saturates

namespace first_only {
const Answer kAnswer = wrong("uses the first row's zero point for all");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - zero_points[0];
    if (d < -128 || d > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace first_only

namespace by_column {
const Answer kAnswer = wrong("takes a zero point for each column");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - zero_points[zero_points.size() == 1 ? 0 : i % K % zero_points.size()];
    if (d < -128 || d > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace by_column

namespace symmetric {
const Answer kAnswer = wrong("refuses -128");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - zero_points[zero_points.size() == 1 ? 0 : i / K];
    if (d < -127 || d > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace symmetric

namespace one_too_many {
const Answer kAnswer = wrong("lets 128 pass");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = q[i] - zero_points[zero_points.size() == 1 ? 0 : i / K];
    if (d < -128 || d > 128) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace one_too_many

namespace turned_round {
const Answer kAnswer = wrong("subtracts the other way round");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = zero_points[zero_points.size() == 1 ? 0 : i / K] - q[i];
    if (d < -128 || d > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace turned_round

namespace reinterprets {
const Answer kAnswer = wrong("takes the byte for a signed one");
namespace exercise {
inline std::optional<std::vector<std::int8_t>> signed_weights(
    std::span<const std::uint8_t> q, [[maybe_unused]] std::span<const std::uint8_t> zero_points,
    [[maybe_unused]] std::size_t K) {
  std::vector<std::int8_t> weights;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const int d = static_cast<std::int8_t>(q[i]);
    if (d < -128 || d > 127) return std::nullopt;
    weights.push_back(static_cast<std::int8_t>(d));
  }
  return weights;
}
}  // namespace exercise
#include "tests/exercises/ch24_1_test.cpp"
}  // namespace reinterprets

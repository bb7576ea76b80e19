// Answers to exercise 14.1. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch14_1_test.cpp"

namespace parts {

using Reals = std::span<double>;

inline std::int64_t power_of_two(int exponent) { return std::int64_t{1} << exponent; }

inline std::int64_t largest(int input_bits, int accumulator_bits) {
  return (power_of_two(accumulator_bits - 1) - 1) / (power_of_two(input_bits) - 1);
}

inline double norm(std::span<const double> row) {
  double sum = 0.0;
  for (double w : row) sum += std::fabs(w);
  return sum;
}

inline void shrink(Reals row, double step) {
  for (double& w : row) w = std::copysign(std::max(std::fabs(w) - step, 0.0), w);
}

inline void project(Reals row, double most) {
  std::vector<double> magnitudes;
  for (double w : row) magnitudes.push_back(std::fabs(w));
  shrink(row, qfs::shrinkage(magnitudes, most));
}

}  // namespace parts

namespace without_sorting {
const Answer kAnswer =
    right("spreads what is too much over those that are left, round after round");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  const std::int64_t x_max = parts::power_of_two(input_bits) - 1;
  std::int64_t norm = 0;
  for (std::int64_t step = parts::power_of_two(31); step > 0; step /= 2)
    if ((norm + step) * x_max < parts::power_of_two(accumulator_bits - 1)) norm += step;
  return norm;
}
inline void project_l1(std::span<double> row, double most) {
  for (;;) {
    const double excess = parts::norm(row) - most;
    const auto left = std::ranges::count_if(row, [](double w) { return w != 0.0; });
    // Ends, at the latest when roundings are all that is too much.
    if (left == 0 || excess <= 1e-14 * parts::norm(row)) return;
    parts::shrink(row, excess / static_cast<double>(left));
  }
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace without_sorting

namespace by_halving {
const Answer kAnswer = right("halves an interval that holds the step");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  if (parts::norm(row) <= most) return;
  double low = 0.0, high = parts::norm(row);
  for (int i = 0; i < 1100; ++i) {
    const double middle = (low + high) / 2.0;
    std::vector<double> shrunk(row.begin(), row.end());
    parts::shrink(shrunk, middle);
    (parts::norm(shrunk) > most ? low : high) = middle;
  }
  parts::shrink(row, high);
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace by_halving

namespace lower_end {
const Answer kAnswer = wrong("divides 2^(P-1), which is the lower end alone");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::power_of_two(accumulator_bits - 1) / (parts::power_of_two(input_bits) - 1);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace lower_end

namespace inputs_to_a_power {
const Answer kAnswer = wrong("takes 2^N for the largest input");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return (parts::power_of_two(accumulator_bits - 1) - 1) / parts::power_of_two(input_bits);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace inputs_to_a_power

namespace unsigned_accumulator {
const Answer kAnswer = wrong("takes the accumulator for an unsigned one");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits + 1);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace unsigned_accumulator

namespace signed_inputs {
const Answer kAnswer = wrong("takes the inputs for signed ones, as A2Q's formula for them does");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return (parts::power_of_two(accumulator_bits - 1) - 1) / parts::power_of_two(input_bits - 1);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace signed_inputs

namespace both_signs {
const Answer kAnswer = wrong("allows the bound to either sign, as this chapter does");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return 2 * parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace both_signs

namespace at_least_one {
const Answer kAnswer = wrong("allows a norm of 1 where even that overflows");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return std::max<std::int64_t>(parts::largest(input_bits, accumulator_bits), 1);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace at_least_one

namespace rounded_up {
const Answer kAnswer = wrong("rounds the quotient up");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits) +
         ((accumulator_bits - 1) % input_bits == 0 ? 0 : 1);
}
inline void project_l1(std::span<double> row, double most) { parts::project(row, most); }
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace rounded_up

namespace by_a_factor {
const Answer kAnswer = wrong("multiplies all weights by one factor");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  const double norm = parts::norm(row);
  if (norm <= most) return;
  for (double& w : row) w *= most / norm;
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace by_a_factor

namespace one_round {
const Answer kAnswer = wrong("spreads what is too much over all weights, once");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  const double excess = parts::norm(row) - most;
  if (excess > 0.0) parts::shrink(row, excess / static_cast<double>(row.size()));
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace one_round

namespace past_zero {
const Answer kAnswer = wrong("spreads what is too much evenly, past 0 where a weight is small");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  const double excess = parts::norm(row) - most;
  if (excess <= 0.0) return;
  const double step = excess / static_cast<double>(row.size());
  for (double& w : row) w -= std::copysign(step, w);
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace past_zero

namespace largest_capped {
const Answer kAnswer = wrong("cuts the largest weights down to one height");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  if (parts::norm(row) <= most) return;
  double low = 0.0, high = parts::norm(row);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2.0;
    double norm = 0.0;
    for (double w : row) norm += std::min(std::fabs(w), middle);
    (norm > most ? high : low) = middle;
  }
  for (double& w : row) w = std::clamp(w, -low, low);
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace largest_capped

namespace signs_lost {
const Answer kAnswer = wrong("loses the signs");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  if (parts::norm(row) <= most) return;
  parts::project(row, most);
  for (double& w : row) w = std::fabs(w);
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace signs_lost

namespace signs_apart {
const Answer kAnswer = wrong("brings either sign within the bound on its own");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  for (double sign : {1.0, -1.0}) {
    std::vector<double> numbers;
    for (double w : row) numbers.push_back(std::max(sign * w, 0.0));
    const double step = qfs::shrinkage(numbers, most);
    for (double& w : row)
      if (sign * w > 0.0) w = sign * std::max(sign * w - step, 0.0);
  }
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace signs_apart

namespace always_full {
const Answer kAnswer = wrong("stretches a row that fits until it is full");
namespace exercise {
inline std::int64_t largest_l1(int input_bits, int accumulator_bits) {
  return parts::largest(input_bits, accumulator_bits);
}
inline void project_l1(std::span<double> row, double most) {
  const double norm = parts::norm(row);
  if (norm > most) return parts::project(row, most);
  for (double& w : row) w += norm == 0.0 ? 0.0 : w / norm * (most - norm);
}
}  // namespace exercise
#include "tests/exercises/ch14_1_test.cpp"
}  // namespace always_full

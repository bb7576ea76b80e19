// Answers to exercise 22.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch22_2_test.cpp"

#include <cmath>

namespace in_double {
const Answer kAnswer = right("in double");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  const double e = static_cast<double>(epsilon);
  const double batch = std::sqrt(static_cast<double>(variance) + e);
  const double kept = std::sqrt(static_cast<double>(running) + e);
  return {static_cast<float>(kept / batch),
          static_cast<float>(static_cast<double>(beta) -
                             static_cast<double>(gamma) * static_cast<double>(mean) / batch)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace in_double

namespace one_root {
const Answer kAnswer = right("one root of the quotient");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt((running + epsilon) / (variance + epsilon)),
          beta - gamma / std::sqrt(variance + epsilon) * mean};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace one_root

namespace upside_down {
const Answer kAnswer = wrong("the quotient upside down");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt((variance + epsilon) / (running + epsilon)),
          beta - gamma * mean / std::sqrt(variance + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace upside_down

namespace no_root {
const Answer kAnswer = wrong("a quotient of variances");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {(running + epsilon) / (variance + epsilon),
          beta - gamma * mean / std::sqrt(variance + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace no_root

namespace running_offset {
const Answer kAnswer = wrong("the offset by the running statistics");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt((running + epsilon) / (variance + epsilon)),
          beta - gamma * mean / std::sqrt(running + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace running_offset

namespace no_epsilon {
const Answer kAnswer = wrong("no epsilon in the quotient");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt(running / variance), beta - gamma * mean / std::sqrt(variance + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace no_epsilon

namespace no_epsilon_in_offset {
const Answer kAnswer = wrong("no epsilon in the offset");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt((running + epsilon) / (variance + epsilon)),
          beta - gamma * mean / std::sqrt(variance)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace no_epsilon_in_offset

namespace gamma_twice {
const Answer kAnswer = wrong("gamma in c, which u carries already");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {gamma * std::sqrt((running + epsilon) / (variance + epsilon)),
          beta - gamma * mean / std::sqrt(variance + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace gamma_twice

namespace no_gamma {
const Answer kAnswer = wrong("no gamma in the offset");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt((running + epsilon) / (variance + epsilon)),
          beta - mean / std::sqrt(variance + epsilon) + 0.0F * gamma};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace no_gamma

namespace plus {
const Answer kAnswer = wrong("adds the mean");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {std::sqrt((running + epsilon) / (variance + epsilon)),
          beta + gamma * mean / std::sqrt(variance + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace plus

namespace divides_by_gamma {
const Answer kAnswer = wrong("divides by gamma");
namespace exercise {
using ::exercise::Channel;
using ::exercise::Correction;
inline Correction correction(const Channel& channel) {
  const auto [gamma, beta, running, epsilon, mean, variance] = channel;
  return {gamma / std::sqrt(variance + epsilon) / (gamma / std::sqrt(running + epsilon)),
          beta - gamma * mean / std::sqrt(variance + epsilon)};
}
}  // namespace exercise
#include "tests/exercises/ch22_2_test.cpp"
}  // namespace divides_by_gamma

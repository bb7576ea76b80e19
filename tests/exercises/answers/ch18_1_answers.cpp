// Answers to exercise 18.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch18_1_test.cpp"

inline double density_of(double t) {
  return std::exp(-t * t / 2.0) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}
inline double below(double t) { return std::erfc(-t / std::numbers::sqrt2) / 2.0; }
inline double right_mean(double mu, double sigma) {
  return sigma == 0.0 ? std::max(mu, 0.0) : sigma * density_of(mu / sigma) + mu * below(mu / sigma);
}
using Floats = std::span<const float>;
using Doubles = std::span<const double>;

// The bias by a mean, moved by `sign` times the error.
template <class Mean>
float moved_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma, double sign,
                 Mean mean) {
  double sum = static_cast<double>(bias);
  for (std::size_t k = 0; k < mu.size(); ++k)
    sum += sign * (static_cast<double>(rounded[k]) - static_cast<double>(real[k])) *
           mean(mu[k], sigma[k]);
  return static_cast<float>(sum);
}

namespace by_helpers {
const Answer kAnswer = right("adds to the bias as it goes");
namespace exercise {
inline double relu_mean(double mu, double sigma) { return right_mean(mu, sigma); }
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, -1.0, right_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace by_helpers

namespace from_the_mirror {
const Answer kAnswer = right("takes the mean of a negative mu from that of its mirror image");
namespace exercise {
inline double relu_mean(double mu, double sigma) {
  if (sigma == 0.0) return mu > 0.0 ? mu : 0.0;
  const double t = mu / sigma;
  return sigma * (density_of(t) + t * (1.0 - std::erfc(t / std::numbers::sqrt2) / 2.0));
}
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  double error = 0.0;
  for (std::size_t k = mu.size(); k-- > 0;)
    error += (static_cast<double>(rounded[k]) - static_cast<double>(real[k])) *
             relu_mean(mu[k], sigma[k]);
  return static_cast<float>(static_cast<double>(bias) - error);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace from_the_mirror

namespace wrong_sign {
const Answer kAnswer = wrong("moves the bias with the error, not against it");
namespace exercise {
inline double relu_mean(double mu, double sigma) { return right_mean(mu, sigma); }
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, 1.0, right_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace wrong_sign

namespace before_the_relu {
const Answer kAnswer = wrong("corrects the bias by the mean before the ReLU");
namespace exercise {
inline double relu_mean(double mu, double sigma) { return right_mean(mu, sigma); }
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, -1.0, [](double m, double) { return m; });
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace before_the_relu

namespace clamped_mean {
const Answer kAnswer = wrong("takes max(mu, 0) for the mean of max(y, 0)");
namespace exercise {
inline double relu_mean(double mu, double) { return std::max(mu, 0.0); }
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, -1.0, relu_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace clamped_mean

namespace no_sigma_zero {
const Answer kAnswer = wrong("divides by a sigma of 0");
namespace exercise {
inline double relu_mean(double mu, double sigma) {
  return sigma * density_of(mu / sigma) + mu * below(mu / sigma);
}
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, -1.0, right_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace no_sigma_zero

namespace sigma_forgotten {
const Answer kAnswer = wrong("forgets sigma before the density");
namespace exercise {
inline double relu_mean(double mu, double sigma) {
  return sigma == 0.0 ? std::max(mu, 0.0) : density_of(mu / sigma) + mu * below(mu / sigma);
}
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, -1.0, right_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace sigma_forgotten

namespace wrong_tail {
const Answer kAnswer = wrong("takes the share above for the share below");
namespace exercise {
inline double relu_mean(double mu, double sigma) {
  return sigma == 0.0 ? std::max(mu, 0.0)
                      : sigma * density_of(mu / sigma) + mu * below(-mu / sigma);
}
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  return moved_bias(bias, rounded, real, mu, sigma, -1.0, right_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace wrong_tail

namespace in_float {
const Answer kAnswer = wrong("sums in float");
namespace exercise {
inline double relu_mean(double mu, double sigma) { return right_mean(mu, sigma); }
inline float corrected_bias(float bias, Floats rounded, Floats real, Doubles mu, Doubles sigma) {
  float error = 0.0F;
  for (std::size_t k = 0; k < mu.size(); ++k)
    error += (rounded[k] - real[k]) * static_cast<float>(right_mean(mu[k], sigma[k]));
  return bias - error;
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace in_float

namespace whole_weight {
const Answer kAnswer = wrong("takes the rounded weight for its error");
namespace exercise {
inline double relu_mean(double mu, double sigma) { return right_mean(mu, sigma); }
inline float corrected_bias(float bias, Floats rounded, Floats, Doubles mu, Doubles sigma) {
  const std::vector<float> zero(rounded.size(), 0.0F);
  return moved_bias(bias, rounded, zero, mu, sigma, -1.0, right_mean);
}
}  // namespace exercise
#include "tests/exercises/ch18_1_test.cpp"
}  // namespace whole_weight

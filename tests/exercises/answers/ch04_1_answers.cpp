// Answers to exercise 4.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch04_1_test.cpp"

#include <numeric>

// The solution with room for a mistake in each of its parts; B and classes divide loss and
// gradient.
struct Parts {
  float (*shift)(std::span<const float> row, std::span<const float> all) =
      [](std::span<const float> row, std::span<const float>) {
        return *std::ranges::max_element(row);
      };
  float (*row_loss)(float z, float log_sum, float p) = [](float z, float log_sum, float) {
    return log_sum - z;
  };
  float at_label = 1.0F;
  float (*loss_share)(float, float) = [](float B, float) { return 1.0F / B; };
  float (*gradient_share)(float, float) = [](float B, float) { return 1.0F / B; };
  bool add = false;
  std::size_t (*label)(std::span<const std::uint8_t>, std::size_t) =
      [](std::span<const std::uint8_t> labels, std::size_t m) { return std::size_t{labels[m]}; };
};

inline float assemble(const Parts& parts, std::span<const float> logits, std::size_t classes,
                      std::span<const std::uint8_t> labels, std::span<float> gradient) {
  const float B = static_cast<float>(labels.size()), C = static_cast<float>(classes);
  float loss = 0.0F;
  for (std::size_t m = 0; m < labels.size(); ++m) {
    const auto z = logits.subspan(m * classes, classes);
    const float shift = parts.shift(z, logits);
    const std::size_t label = parts.label(labels, m);
    float sum = 0.0F;
    for (float value : z) sum += std::exp(value - shift);
    loss += parts.row_loss(z[label] - shift, std::log(sum), std::exp(z[label] - shift) / sum);
    for (std::size_t i = 0; i < classes; ++i) {
      float& g = gradient[m * classes + i];
      const float p = std::exp(z[i] - shift) / sum;
      g = (parts.add ? g : 0.0F) +
          (p - (i == label ? parts.at_label : 0.0F)) * parts.gradient_share(B, C);
    }
  }
  return loss * parts.loss_share(B, C);
}

namespace in_double {
const Answer kAnswer = right("in double, from the last row to the first");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  double loss = 0.0;
  for (std::size_t m = labels.size(); m-- > 0;) {
    double largest = -HUGE_VAL, sum = 0.0;
    for (std::size_t i = 0; i < classes; ++i)
      largest = std::fmax(largest, static_cast<double>(logits[m * classes + i]));
    for (std::size_t i = classes; i-- > 0;)
      sum += std::exp(static_cast<double>(logits[m * classes + i]) - largest);
    const double log_of_all = largest + std::log(sum), B = static_cast<double>(labels.size());
    loss += (log_of_all - static_cast<double>(logits[m * classes + labels[m]])) / B;
    for (std::size_t i = 0; i < classes; ++i)
      gradient[m * classes + i] = static_cast<float>(
          std::exp(static_cast<double>(logits[m * classes + i]) - log_of_all) / B);
    gradient[m * classes + labels[m]] -= static_cast<float>(1.0 / B);
  }
  return static_cast<float>(loss);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace in_double

namespace logarithms_kept {
const Answer kAnswer = right("keeps log p of every class, and averages row by row");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  std::vector<float> log_p(classes);
  const float share = 1.0F / static_cast<float>(labels.size());
  float loss = 0.0F;
  for (std::size_t m = 0; m < labels.size(); ++m) {
    const auto z = logits.subspan(m * classes, classes);
    const float largest = *std::ranges::max_element(z);
    const float log_sum = std::log(std::accumulate(
        z.begin(), z.end(), 0.0F, [&](float sum, float v) { return sum + std::exp(v - largest); }));
    for (std::size_t i = 0; i < classes; ++i) {
      log_p[i] = z[i] - largest - log_sum;
      gradient[m * classes + i] = share * (std::exp(log_p[i]) - static_cast<float>(i == labels[m]));
    }
    loss -= share * log_p[labels[m]];
  }
  return loss;
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace logarithms_kept

namespace sum_of_losses {
const Answer kAnswer = wrong("returns the sum of the losses");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.loss_share = [](float, float) { return 1.0F; }}, logits, classes, labels,
                  gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace sum_of_losses

namespace gradient_of_the_sum {
const Answer kAnswer = wrong("leaves the mean out of the gradient");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.gradient_share = [](float, float) { return 1.0F; }}, logits, classes, labels,
                  gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace gradient_of_the_sum

namespace mean_over_classes {
const Answer kAnswer = wrong("divides by the classes too");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.loss_share = [](float B, float C) { return 1.0F / (B * C); },
                   .gradient_share = [](float B, float C) { return 1.0F / (B * C); }},
                  logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace mean_over_classes

namespace no_shift {
const Answer kAnswer = wrong("takes the exponentials of the logits as they are");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.shift = [](std::span<const float>, std::span<const float>) { return 0.0F; }},
                  logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace no_shift

namespace shift_of_the_batch {
const Answer kAnswer = wrong("subtracts the largest logit of the batch");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble(
      {.shift = [](std::span<const float>,
                   std::span<const float> all) { return *std::ranges::max_element(all); }},
      logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace shift_of_the_batch

namespace log_of_p {
const Answer kAnswer = wrong("takes the logarithm of a probability that may be 0");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.row_loss = [](float, float, float p) { return -std::log(p); }}, logits, classes,
                  labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace log_of_p

namespace log_of_p_clamped {
const Answer kAnswer = wrong("clamps the probability to 1e-12 before the logarithm");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble(
      {.row_loss = [](float, float, float p) { return -std::log(std::max(p, 1e-12F)); }}, logits,
      classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace log_of_p_clamped

namespace something_small_added {
const Answer kAnswer = wrong("adds 1e-7 to the probability before the logarithm");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.row_loss = [](float, float, float p) { return -std::log(p + 1e-7F); }}, logits,
                  classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace something_small_added

namespace label_forgotten {
const Answer kAnswer = wrong("does not subtract 1 at the label");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.at_label = 0.0F}, logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace label_forgotten

namespace other_sign {
const Answer kAnswer = wrong("adds 1 at the label");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.at_label = -1.0F}, logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace other_sign

namespace added_to_the_gradient {
const Answer kAnswer = wrong("adds to what stands in the gradient");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble({.add = true}, logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace added_to_the_gradient

namespace first_label {
const Answer kAnswer = wrong("takes the first label for all rows");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble(
      {.label = [](std::span<const std::uint8_t> all, std::size_t) { return std::size_t{all[0]}; }},
      logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace first_label

namespace base_2 {
const Answer kAnswer = wrong("takes the logarithm to the base 2");
namespace exercise {
inline float cross_entropy(std::span<const float> logits, std::size_t classes,
                           std::span<const std::uint8_t> labels, std::span<float> gradient) {
  return assemble(
      {.row_loss = [](float z, float log_sum, float) { return (log_sum - z) / 0.69314718F; }},
      logits, classes, labels, gradient);
}
}  // namespace exercise
#include "tests/exercises/ch04_1_test.cpp"
}  // namespace base_2

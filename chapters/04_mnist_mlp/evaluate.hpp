// How good a classifier is: the share it gets right, how far that share can be trusted, and which
// class it takes for which.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "common/dataset.hpp"

namespace qfs {

inline constexpr std::size_t kClasses = 10;

// The class with the largest logit of each row; of equal ones the first. Throws Error on a logit
// that is not finite: a net that has overflowed has no opinion. `first` is the number of row 0.
inline std::vector<std::uint8_t> argmax_rows(const Matrix<float>& logits, std::size_t first = 0) {
  std::vector<std::uint8_t> classes;
  for (std::size_t m = 0; m < logits.shape(0); ++m) {
    const std::span<const float> z = row(logits, m);
    if (!std::ranges::all_of(z, [](float logit) { return std::isfinite(logit); }))
      fail("the net's logits are not finite",
           "NaN or infinity for digit " + std::to_string(first + m), "finite numbers",
           "look for huge weights");
    classes.push_back(static_cast<std::uint8_t>(std::ranges::max_element(z) - z.begin()));
  }
  return classes;
}

// The classes of all digits, some hundred digits at a time. `logits_of` maps normalized pictures
// x B x pixels to logits B x classes.
template <class LogitsOf>
std::vector<std::uint8_t> classify(const Matrix<std::uint8_t>& pixels, LogitsOf&& logits_of) {
  constexpr std::size_t kBatch = 500;
  std::vector<std::uint8_t> classes;
  for (std::size_t begin = 0; begin < pixels.shape(0); begin += kBatch) {
    const std::size_t end = std::min(begin + kBatch, pixels.shape(0));
    const auto some = argmax_rows(logits_of(normalized(pixels, begin, end)), begin);
    classes.insert(classes.end(), some.begin(), some.end());
  }
  return classes;
}

// By the fixed-order forward pass: the same classes on every machine.
inline std::vector<std::uint8_t> classify_ref(const Mlp& mlp, const Matrix<std::uint8_t>& pixels) {
  return classify(pixels, [&](const Matrix<float>& x) { return forward_ref(mlp, x); });
}

inline void require_pairs(std::span<const std::uint8_t> predicted,
                          std::span<const std::uint8_t> labels) {
  require(predicted.size() == labels.size(), "one prediction per label", predicted.size(),
          labels.size(), "classify the digits of these very labels");
}

inline std::size_t count_correct(std::span<const std::uint8_t> predicted,
                                 std::span<const std::uint8_t> labels) {
  require_pairs(predicted, labels);
  std::size_t correct = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) correct += predicted[i] == labels[i] ? 1 : 0;
  return correct;
}

// [wilson]
// Where the true share lies, with 95 % confidence, after `correct` of `total` (Wilson, 1927;
// eq. 4.14). Unlike share +- 2 standard errors it stays in [0, 1], and has a width at 0 and at 1.
struct WilsonInterval {
  double share = 0.0, low = 0.0, high = 0.0;
};

inline WilsonInterval wilson_interval(std::size_t correct, std::size_t total, double z = 1.959964) {
  require(total > 0 && correct <= total, "a share needs a total", correct,
          "at most " + std::to_string(total), "count over at least one digit");
  const double n = static_cast<double>(total), p = static_cast<double>(correct) / n;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(middle - half, 0.0), std::min(middle + half, 1.0)};
}
// [/wilson]

// counts(truth, predicted), 10 x 10.
inline Matrix<std::size_t> confusion_matrix(std::span<const std::uint8_t> predicted,
                                            std::span<const std::uint8_t> labels) {
  require_pairs(predicted, labels);
  Matrix<std::size_t> counts = make_tensor<std::size_t>({kClasses, kClasses});
  for (std::size_t i = 0; i < labels.size(); ++i) ++counts(labels[i], predicted[i]);
  return counts;
}

}  // namespace qfs

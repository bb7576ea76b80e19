// What accuracy hides: how many digits changed class, and how far the probabilities moved.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "01_affine_math/affine.hpp"
#include "04_mnist_mlp/mcnemar.hpp"

namespace qfs {

// [flips]
// The digits whose class is another than before (eq. 16.6). Accuracy sees only gained - lost.
struct Flips {
  std::size_t lost = 0;    // right before, wrong now
  std::size_t gained = 0;  // wrong before, right now
  std::size_t moved = 0;   // wrong before, wrong now, in another way
  std::size_t digits = 0;
  std::size_t all() const { return lost + gained + moved; }
};
inline Flips count_flips(std::span<const std::uint8_t> before, std::span<const std::uint8_t> after,
                         std::span<const std::uint8_t> labels) {
  const PairedResult pair = compare_classes(before, after, labels);
  return {pair.only_a, pair.only_b, pair.classes_differ - pair.only_a - pair.only_b, labels.size()};
}
// [/flips]

// [kl]
// log(sum of exp(z)), the largest z taken out first: no exponential overflows, none is log(0).
inline double log_sum_exp(std::span<const float> z) {
  const double largest = *std::ranges::max_element(z);
  double sum = 0.0;
  for (double value : z) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

// KL(p || p') in nats of one digit, p = softmax(z), p' = softmax(after) (eq. 16.7). 0 only where
// both are the same; never infinite, since every softmax is positive. Throws Error where one has
// more classes than the other, or there are none.
inline double kl_divergence(std::span<const float> before, std::span<const float> after) {
  require(before.size() == after.size() && !before.empty(),
          "KL compares logits of the same classes", after.size(), before.size(),
          "pass the logits of one digit by both nets");
  const double log_sum = log_sum_exp(before), log_sum_after = log_sum_exp(after);
  double kl = 0.0;
  for (std::size_t k = 0; k < before.size(); ++k) {
    const double log_p = before[k] - log_sum, log_p_after = after[k] - log_sum_after;
    kl += std::exp(log_p) * (log_p - log_p_after);
  }
  return std::max(kl, 0.0);  // rounding alone can make it -1e-17
}

// The mean over the digits, logits B x classes. Throws Error where the shapes differ, where there
// is nothing, or a logit is not finite.
inline double mean_kl(const Matrix<float>& before, const Matrix<float>& after) {
  require_same_shape(before, after, "mean_kl");
  min_max(values(before));
  min_max(values(after));
  double sum = 0.0;
  for (std::size_t m = 0; m < before.shape(0); ++m)
    sum += kl_divergence(row(before, m), row(after, m));
  return sum / static_cast<double>(before.shape(0));
}
// [/kl]

// A net beside the one that it was made from.
struct ReportCard {
  std::size_t right = 0;
  PairedResult pair{};  // a: the net before
  Flips flips{};
  double kl = 0.0;  // its last digits follow libm, which is not the same on every CPU
};
inline ReportCard report_card(const Matrix<float>& before, const Matrix<float>& after,
                              std::span<const std::uint8_t> labels) {
  const auto a = argmax_rows(before), b = argmax_rows(after);
  return {count_correct(b, labels), compare_classes(a, b, labels), count_flips(a, b, labels),
          mean_kl(before, after)};
}

}  // namespace qfs

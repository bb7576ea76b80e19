// Answers to exercise 22.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch22_1_test.cpp"

#include <cmath>

// The solution with room for a mistake in each of its parts.
struct Parts {
  bool epsilon = true, by_output = false, folded_offset = false, keep_bias = true;
  bool refuse_border = true, refuse_all_borders = false, look_at_first = false;
  bool negate_offset = false, variance = true;
};

inline qfs::Conv2d fold(const Parts& parts, const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), K = conv.weight.shape(1);
  qfs::Conv2d folded = conv;
  if (conv.bias.size() == 0 || !parts.keep_bias)
    folded.bias = qfs::make_tensor<float>({conv.outputs()});
  if (parts.refuse_all_borders && conv.window.padding > 0) throw qfs::Error("a border");
  for (std::size_t k = 0; k < K; ++k) {
    const std::size_t c = parts.by_output ? k / (K / C) : k % C;
    const float spread = norm.running_variance(c) + (parts.epsilon ? norm.epsilon : 0.0F);
    const float f = norm.gamma(c) / (parts.variance ? std::sqrt(spread) : spread);
    const float o = norm.beta(c) + (parts.negate_offset ? f : -f) * norm.running_mean(c);
    const bool looked_at = !parts.look_at_first || c == 0;
    if (parts.refuse_border && looked_at && conv.window.padding > 0 && o != 0.0F)
      throw qfs::Error("a border");
    for (std::size_t n = 0; n < conv.outputs(); ++n) {
      folded.weight(n, k) *= f;
      folded.bias(n) += (parts.folded_offset ? folded.weight(n, k) : conv.weight(n, k)) * o;
    }
  }
  return folded;
}

namespace in_double {
const Answer kAnswer = right("in double, weights and bias in loops of their own");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), K = conv.weight.shape(1);
  std::vector<double> f(C), o(C);
  for (std::size_t c = 0; c < C; ++c) {
    f[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    o[c] = static_cast<double>(norm.beta(c)) - f[c] * static_cast<double>(norm.running_mean(c));
    if (conv.window.padding != 0 && o[c] != 0.0) throw qfs::Error("a border");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({conv.outputs()});
  for (std::size_t n = 0; n < conv.outputs(); ++n) {
    double sum = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      sum += w * o[k % C];
      folded.weight(n, k) = static_cast<float>(w * f[k % C]);
    }
    folded.bias(n) = static_cast<float>(sum);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace in_double

namespace parts {
const Answer kAnswer = right("by the parts, none of them mistaken");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace parts

namespace no_epsilon {
const Answer kAnswer = wrong("forgets epsilon");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.epsilon = false}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace no_epsilon

namespace no_root {
const Answer kAnswer = wrong("divides by the variance");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.variance = false}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace no_root

namespace channels_slowest {
const Answer kAnswer = wrong("takes the channel for the slowest index");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.by_output = true}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace channels_slowest

namespace folded_offset {
const Answer kAnswer = wrong("multiplies the offset with the folded weight");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.folded_offset = true}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace folded_offset

namespace loses_the_bias {
const Answer kAnswer = wrong("loses the bias that was there");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.keep_bias = false}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace loses_the_bias

namespace folds_borders {
const Answer kAnswer = wrong("folds where the border is not 0");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.refuse_border = false}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace folds_borders

namespace refuses_borders {
const Answer kAnswer = wrong("refuses every padding");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.refuse_all_borders = true}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace refuses_borders

namespace first_channel_only {
const Answer kAnswer = wrong("looks at the first channel for the border");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.look_at_first = true}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace first_channel_only

namespace plus_mean {
const Answer kAnswer = wrong("adds the mean");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  return fold({.negate_offset = true}, norm, conv);
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace plus_mean

namespace keeps_the_weight {
const Answer kAnswer = wrong("corrects the bias only");
namespace exercise {
inline qfs::Conv2d fold_in_front(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  qfs::Conv2d folded = fold({}, norm, conv);
  folded.weight = conv.weight;
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch22_1_test.cpp"
}  // namespace keeps_the_weight

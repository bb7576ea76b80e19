// Small nets, and digits whose class is plain to see, for the tests of chapter 09.
#pragma once

#include <functional>
#include <string>

#include "09_qat/convert.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/random_mlp.hpp"

namespace qfs::test {

inline constexpr std::uint64_t kSeed = 9;

inline QatMlp random_qat(const QatOptions& options) {
  const Mlp mlp = random_mlp(kSeed);
  return make_qat(mlp, intervals_of(mlp, random_input(kSeed, 40, 23), OutputPoint::after_relu),
                  options);
}

inline const std::vector<std::uint8_t>& some_labels() {
  static const std::vector<std::uint8_t> labels = [] {
    std::vector<std::uint8_t> all(40);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * 7 % 10);
    return all;
  }();
  return labels;
}

// One pass on a fixed batch: every gradient is filled.
inline float one_pass(QatMlp& net, QatPassBuffers& buffers) {
  return forward_backward(net, random_input(kSeed, 40, 23), some_labels(), buffers);
}

// 200 digits whose class is plain to see, for tests that need training but no accuracy.
inline TrainDigits easy_digits(std::size_t count = 200) {
  TrainDigits digits{
      .pixels = make_tensor<std::uint8_t>({count, 25}), .labels = {}, .rows = 5, .cols = 5};
  Rng rng(3);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t label = i % 10;
    for (std::uint8_t& pixel : row(digits.pixels, i))
      pixel = static_cast<std::uint8_t>(rng.below(60));
    row(digits.pixels, i)[2 * label] = 255;
    digits.labels.push_back(static_cast<std::uint8_t>(label));
  }
  return digits;
}

inline QatMlp easy_net(const TrainDigits& digits, const QatOptions& options) {
  Rng rng(4);
  const std::array<std::size_t, 4> widths = {25, 16, 12, 10};
  const Mlp mlp = make_mlp(widths, rng);
  return make_qat(
      mlp, intervals_of(mlp, normalized(digits.pixels, 0, digits.size()), OutputPoint::after_relu),
      options);
}

inline constexpr ScaleSource kSources[] = {ScaleSource::frozen, ScaleSource::observed,
                                           ScaleSource::learned};
inline constexpr WeightGranularity kGranularities[] = {WeightGranularity::per_tensor,
                                                       WeightGranularity::per_channel};

}  // namespace qfs::test

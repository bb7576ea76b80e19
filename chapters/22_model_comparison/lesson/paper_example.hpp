// The example of the text: one weight, one channel, eight pixels. Epsilon is 0 here, so that roots
// come out even.
#pragma once

#include <array>
#include <cstddef>

#include "22_model_comparison/qat_conv.hpp"

namespace qfs::ch22 {

inline constexpr std::array<float, 8> kPixels = {1, 3, 3, 3, 3, 3, 3, 5};  // scale 1: integers, too
inline constexpr float kWeight = 1.125F, kGamma = 1.0F, kBeta = 1.5F;
inline constexpr float kRunningMean = 2.0F, kRunningVariance = 4.0F;
inline constexpr float kWeightScale = 0.25F, kOutputScale = 0.75F;
// dL/dh': something is wanted of the first pixel and of the last.
inline constexpr std::array<float, 8> kGradient = {1, 0, 0, 0, 0, 0, 0, 1};

// By hand, from there on.
inline constexpr float kFactor = kGamma / 2.0F;                 // sqrt(4) = 2
static_assert(kFactor == 0.5F);                                 // (eq. 22.1)
static_assert(kFactor * kWeight == 0.5625F);                    // (eq. 22.2): w_f
static_assert(0.5625F / kWeightScale == 2.25F);                 // steps: 2
static_assert(2 * kWeightScale / kFactor == 1.0F);              // (eq. 22.3): v = x
static_assert((1 + 6 * 3 + 5) / 8 == 3 && (4 + 4) / 8 == 1);    // mean and variance of the batch
static_assert((5 - 3) * kGamma + kBeta == 3.5F);                // (eq. 22.4), of the last pixel
static_assert((5 - 2) / 2.0F * kGamma + kBeta == 3.0F);         // the same by running statistics
static_assert(kBeta - kFactor * kRunningMean == 0.5F);          // (eq. 22.6): the folded bias
static_assert(0.5F / kWeightScale == 2);                        // as an integer of scale 1 * 0.25
static_assert((2 * 5 + 2) * kWeightScale / kOutputScale == 4);  // q_y of the last pixel
static_assert((1 + 5) * kFactor == 3.0F);                       // dL/dw = f (1 x_1 + 1 x_8)
static_assert((1 + 5) * kWeight - (1 + 5) == 0.75F);            // dL/df: fold, then unfold
static_assert((1 - 2) / 2.0F + (5 - 2) / 2.0F == 1.0F);         // dL/dgamma of batch norm itself
static_assert(1.0F + 0.75F / 2.0F == 1.375F);                   // (eq. 22.5)

// The layer, as the library sees it.
inline QatConv paper_layer() {
  QatConv layer{.real = {.window = {1, 1, 1, 0},
                         .weight = {{kWeight}},
                         .weight_gradient = make_tensor<float>({1, 1})},
                .norm = make_batch_norm(1)};
  layer.fake = layer.real;
  layer.norm->gamma(0) = kGamma;
  layer.norm->beta(0) = kBeta;
  layer.norm->running_mean(0) = kRunningMean;
  layer.norm->running_variance(0) = kRunningVariance;
  layer.norm->epsilon = 0.0F;
  layer.weight = {.range = signed_range(8), .params = {{kWeightScale, 0}}};
  layer.output = {.range = unsigned_range(8), .params = {{kOutputScale, 0}}};
  return layer;
}
inline constexpr PictureShape kPaperPicture = {2, 4, 1};
inline Matrix<float> paper_pixels() {
  auto x = make_tensor<float>({1, kPixels.size()});
  std::ranges::copy(kPixels, values(x).begin());
  return x;
}

// What the table of the text compares: forward and backward by the statistics of the batch, then by
// the running ones.
inline constexpr std::array<const char*, 13> kPaperNames = {"f",
                                                            "w_f",
                                                            "w'",
                                                            "batch: h', first pixel",
                                                            "       h', last pixel",
                                                            "       dL/dw",
                                                            "       dL/dgamma",
                                                            "       dL/dbeta",
                                                            "running: h', first pixel",
                                                            "         h', last pixel",
                                                            "         dL/dw",
                                                            "         dL/dgamma",
                                                            "         dL/dbeta"};
inline constexpr std::array<double, 13> kPaperByHand = {0.5, 0.5625, 0.5, 0, 3.75,  0, 2,
                                                        1,   0.75,   3,   3, 1.375, 2};
// tests/reference/ch22.py, save_paper(); a test holds them to its output.
inline constexpr std::array<double, 13> kPaperByPyTorch = {0.5, 0.5625, 0.5, 0, 3.75,  0, 2,
                                                           1,   0.75,   3,   3, 1.375, 2};

inline std::array<double, 13> paper_numbers() {
  std::array<double, 13> numbers{};
  std::size_t at = 3;
  for (auto statistics : {NormStatistics::batch, NormStatistics::running}) {
    QatConv layer = paper_layer();
    QatConvBuffers buffers;
    const Matrix<float> x = paper_pixels();
    qat_forward(layer, kPaperPicture, x, true, statistics, buffers);
    numbers[0] = static_cast<double>(buffers.factor[0]);
    numbers[1] = static_cast<double>(buffers.folded(0, 0));
    numbers[2] = static_cast<double>(layer.fake.weight(0, 0));
    numbers[at++] = static_cast<double>(buffers.after(0, 0));
    numbers[at++] = static_cast<double>(buffers.after(0, 7));
    buffers.gradient = make_tensor<float>({1, kGradient.size()});
    std::ranges::copy(kGradient, values(buffers.gradient).begin());
    qat_backward(layer, kPaperPicture, x, statistics, buffers, nullptr);
    numbers[at++] = static_cast<double>(layer.real.weight_gradient(0, 0));
    numbers[at++] = static_cast<double>(layer.norm->gamma_gradient(0));
    numbers[at++] = static_cast<double>(layer.norm->beta_gradient(0));
  }
  return numbers;
}

}  // namespace qfs::ch22

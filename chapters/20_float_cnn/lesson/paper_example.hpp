// The example of the text: a 4 x 4 picture, one 3 x 3 kernel, batch norm without epsilon, ReLU, the
// mean of what is left. The columns were worked out by hand; a test compares them, and what is said
// to be PyTorch's, with PyTorch (tests/reference/ch20.py, save_paper).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "04_mnist_mlp/layers.hpp"
#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"
#include "20_float_cnn/pool.hpp"

namespace qfs::ch20::paper {

inline constexpr std::array<int, 16> kPicture = {0, 0, 2, 1,  //
                                                 1, 1, 2, 1,  //
                                                 1, 2, 0, 0,  //
                                                 0, 0, 1, 0};
inline constexpr std::array<int, 9> kKernel = {1, 0, -1,  //
                                               2, 0, -2,  //
                                               1, 0, -1};

// Each place: left column 1 2 1 minus right column 1 2 1. (0 + 2 + 1) - (2 + 4 + 0) = -3;
// (0 + 2 + 2) - (1 + 2 + 0) = 1; (1 + 2 + 0) - (2 + 0 + 1) = 0; (1 + 4 + 0) - (1 + 0 + 0) = 4.
inline constexpr std::array<int, 4> kY = {-3, 1, 0, 4};

constexpr int convolved(int row, int column) {
  int sum = 0;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      sum += kKernel[static_cast<std::size_t>(3 * i + j)] *
             kPicture[static_cast<std::size_t>(4 * (row + i) + column + j)];
  return sum;
}
static_assert(convolved(0, 0) == kY[0] && convolved(0, 1) == kY[1] && convolved(1, 0) == kY[2] &&
              convolved(1, 1) == kY[3]);

// Mean 2 / 4 = 0.5. Distances -3.5, 0.5, -0.5, 3.5; variance (12.25 + 0.25 + 0.25 + 12.25) / 4.
inline constexpr float kMean = 0.5F, kVariance = 6.25F;
inline constexpr float kGamma = 2.0F, kBeta = 1.0F;
inline constexpr std::array<double, 4> kUnit = {-1.4, 0.2, -0.2, 1.4};  // distances / 2.5
inline constexpr std::array<double, 4> kNormed = {-1.8, 1.4, 0.6, 3.8};
inline constexpr std::array<double, 4> kActive = {0.0, 1.4, 0.6, 3.8};
inline constexpr double kAverage = 1.45;  // 5.8 / 4
inline constexpr double kMaximum = 3.8;
// 0.9 * 0 + 0.1 * 0.5, and 0.9 * 1 + 0.1 * 25 / 3
inline constexpr double kRunningMean = 0.05, kRunningVariance = 1.7333333;

// Backward, L being the average: 1/4 for each place that passed the ReLU.
inline constexpr std::array<double, 4> kNormedGradient = {0.0, 0.25, 0.25, 0.25};
inline constexpr double kBetaGradient = 0.75;   // their sum
inline constexpr double kGammaGradient = 0.35;  // 0.25 (0.2 - 0.2 + 1.4)
// 2 / 2.5 = 0.8 times (gradient - 0.75 / 4 - x^ 0.35 / 4)
inline constexpr std::array<double, 4> kYGradient = {-0.052, 0.036, 0.064, -0.048};
// -0.052 patch 1 + 0.036 patch 2 + 0.064 patch 3 - 0.048 patch 4
inline constexpr std::array<double, 9> kKernelGradient = {0.016,  0.040,  0.012,   //
                                                          -0.048, 0.148,  -0.068,  //
                                                          0.020,  -0.152, 0.064};
// The kernel, four times, laid over the places it came from.
inline constexpr std::array<double, 16> kPictureGradient = {-0.052, 0.036,  0.052,  -0.036,  //
                                                            -0.040, 0.024,  0.040,  -0.024,  //
                                                            0.076,  -0.060, -0.076, 0.060,   //
                                                            0.064,  -0.048, -0.064, 0.048};

// All of them by PyTorch, to the sixth decimal, in the order of the table.
// clang-format off
inline constexpr std::array<double, 55> kByPyTorch = {
    -3.0, 1.0, 0.0, 4.0,         // convolution y
    -1.4, 0.2, -0.2, 1.4,        // x^
    -1.8, 1.4, 0.6, 3.8,         // batch norm
    0.0, 1.4, 0.6, 3.8,          // ReLU
    1.45, 3.8, 0.05, 1.733333,   // mean, maximum, running mean and variance
    0.0, 0.25, 0.25, 0.25,       // dL/d(batch norm)
    0.35, 0.75,                  // dL/dgamma, dL/dbeta
    -0.052, 0.036, 0.064, -0.048,
    0.016, 0.04, 0.012, -0.048, 0.148, -0.068, 0.02, -0.152, 0.064,
    -0.052, 0.036, 0.052, -0.036, -0.04, 0.024, 0.04, -0.024,
    0.076, -0.06, -0.076, 0.06, 0.064, -0.048, -0.064, 0.048};
// clang-format on

// The layers of the example, and what their passes leave.
struct Passes {
  Conv2d conv{.window = {3, 3, 1, 0},
              .weight = make_tensor<float>({1, 9}),
              .weight_gradient = make_tensor<float>({1, 9})};
  BatchNorm norm = make_batch_norm(1);
  BatchNormBuffers buffers{};
  Matrix<float> y{}, normed{}, active{}, average{}, largest{};
  Matrix<float> normed_gradient{}, y_gradient{}, x_gradient{};
};

inline Passes run_passes() {
  constexpr Window kAll = {2, 2, 1, 0};
  const PictureShape picture{4, 4, 1}, small{2, 2, 1};
  Passes p;
  std::ranges::copy(kKernel, p.conv.weight.begin());
  p.norm.epsilon = 0.0F;
  p.norm.gamma(0) = kGamma;
  p.norm.beta(0) = kBeta;
  Matrix<float> x = make_tensor<float>({1, 16});
  std::ranges::copy(kPicture, x.begin());
  Conv2dScratch scratch;
  std::vector<std::uint32_t> winner;
  conv2d_forward(p.conv, picture, x, scratch, p.y);
  batch_norm_forward(p.norm, p.y, p.buffers, p.normed);
  p.active = p.normed;
  relu_forward(p.active);
  average_pool_forward(kAll, small, p.active, p.average);
  max_pool_forward(kAll, small, p.active, winner, p.largest);
  average_pool_backward(kAll, small, {{1.0F}}, p.normed_gradient);
  relu_backward(p.active, p.normed_gradient);
  batch_norm_backward(p.norm, p.normed_gradient, p.buffers, p.y_gradient);
  conv2d_backward(p.conv, picture, x, p.y_gradient, scratch, &p.x_gradient);
  return p;
}

// A row of the table: as many numbers by hand, by this program and by PyTorch.
struct Row {
  std::string name;
  int decimals;
  std::vector<double> by_hand, program, pytorch;
};

inline std::vector<Row> rows() {
  const Passes p = run_passes();
  std::vector<Row> all;
  std::size_t at = 0;  // in kByPyTorch
  const auto add = [&](const std::string& name, int decimals, const auto& by_hand, auto program) {
    Row row{name, decimals, {by_hand.begin(), by_hand.end()}, {program.begin(), program.end()}, {}};
    for (std::size_t i = 0; i < by_hand.size(); ++i) row.pytorch.push_back(kByPyTorch.at(at++));
    all.push_back(std::move(row));
  };
  const auto add_lines = [&](const std::string& name, const auto& by_hand, auto program,
                             std::size_t width) {
    for (std::size_t line = 0; line * width < by_hand.size(); ++line)
      add(name + ", row " + std::to_string(line + 1), 3,
          std::span(by_hand).subspan(line * width, width), program.subspan(line * width, width));
  };
  add("convolution y", 0, kY, values(p.y));
  add("x^ of batch norm", 1, kUnit, values(p.buffers.normalized));
  add("batch norm", 1, kNormed, values(p.normed));
  add("ReLU", 1, kActive, values(p.active));
  add("average pooling L", 2, std::array{kAverage}, values(p.average));
  add("max pooling", 1, std::array{kMaximum}, values(p.largest));
  add("running mean", 4, std::array{kRunningMean}, values(p.norm.running_mean));
  add("running variance", 4, std::array{kRunningVariance}, values(p.norm.running_variance));
  add("dL/d(batch norm)", 2, kNormedGradient, values(p.normed_gradient));
  add("dL/dgamma", 2, std::array{kGammaGradient}, values(p.norm.gamma_gradient));
  add("dL/dbeta", 2, std::array{kBetaGradient}, values(p.norm.beta_gradient));
  add("dL/dy", 3, kYGradient, values(p.y_gradient));
  add_lines("dL/dkernel", kKernelGradient, values(p.conv.weight_gradient), 3);
  add_lines("dL/dpicture", kPictureGradient, values(p.x_gradient), 4);
  return all;
}

}  // namespace qfs::ch20::paper

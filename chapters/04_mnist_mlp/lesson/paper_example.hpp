// The example of the text, small enough for paper: a 2-2-2 net, one picture of two pixels, one
// step. The second neuron is off. Worked out by hand with six decimals, of which four are kept; a
// test compares them, and what is said to be PyTorch's, with PyTorch (tests/reference/ch04.py).
#pragma once

#include <array>
#include <cstdint>

#include "04_mnist_mlp/mlp.hpp"

namespace qfs::ch04::paper {

inline Mlp make_net() {
  return {{{.weight = {{1.0F, 0.5F}, {-1.0F, 0.25F}},
            .bias = {0.5F, -0.5F},
            .weight_gradient = make_tensor<float>({2, 2}),
            .bias_gradient = make_tensor<float>({2})},
           {.weight = {{0.5F, 1.0F}, {-0.25F, 0.5F}},
            .bias = {-0.25F, 0.625F},
            .weight_gradient = make_tensor<float>({2, 2}),
            .bias_gradient = make_tensor<float>({2})}}};
}

inline const Matrix<float> kX = {{1.0F, 2.0F}};
inline constexpr std::array<std::uint8_t, 1> kLabels = {1};
inline constexpr double kLearningRate = 0.1;  // large, so that one step shows

// h = (1 + 1 + 0.5, max(-1 + 0.5 - 0.5, 0)) = (2.5, 0); p = (e, 1) / (e + 1); L = log(e + 1) - 0;
// logits (1.25 - 0.25, -0.625 + 0.625) = (1, 0).
inline constexpr double kLoss = 1.3133;
// With d = p_0 = 0.731059: dL/dz = (d, -d), dL/dh = (0.5 d + 0.25 d, d - 0.5 d), the second one
// off. fc1_weight: 0.75 d (1, 2) and 0; fc1_bias; fc2_weight: d (2.5, 0) and -d (2.5, 0); fc2_bias.
inline constexpr std::array<double, 12> kGradients = {
    0.5483, 1.0966, 0.0, 0.0, 0.5483, 0.0, 1.8276, 0.0, -1.8276, 0.0, 0.7311, -0.7311};
// Adam's first step is 0.1 against the sign of the gradient, and none where it is 0 (eq. 4.12).
inline constexpr std::array<double, 12> kAfterStep = {0.9, 0.4, -1.0,  0.25, 0.4,   -0.5,
                                                      0.4, 1.0, -0.15, 0.5,  -0.35, 0.725};
// h_0 = 0.9 + 0.8 + 0.4 = 2.1; L = log(1 + e^0.08);
// logits (0.84 - 0.35, -0.315 + 0.725) = (0.49, 0.41).
inline constexpr double kLossAfterStep = 0.7339;

// The same numbers by PyTorch.
inline constexpr double kLossByPyTorch = 1.313262, kLossAfterStepByPyTorch = 0.733947;
inline constexpr std::array<double, 12> kGradientsByPyTorch = {
    0.548294, 1.096588, 0.0,       0.0, 0.548294, 0.0,
    1.827646, 0.0,      -1.827646, 0.0, 0.731059, -0.731059};
inline constexpr std::array<double, 12> kAfterStepByPyTorch = {0.9, 0.4, -1.0,  0.25, 0.4,   -0.5,
                                                               0.4, 1.0, -0.15, 0.5,  -0.35, 0.725};

}  // namespace qfs::ch04::paper

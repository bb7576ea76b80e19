// The layer of the text, small enough for paper: three inputs, two outputs, and a batch of two
// rows. Every integer was worked out by hand; a test compares all of it with PyTorch
// (tests/reference/ch08.py, save_paper).
#pragma once

#include <array>

#include "08_dynamic_quantization/dynamic.hpp"

namespace qfs::paper_dynamic {

inline const Matrix<float> kBoth = {{-0.52F, 2.03F, 0.47F}, {-5.0F, 20.5F, 1.0F}};
inline const Matrix<float> kAlone = {{-0.52F, 2.03F, 0.47F}};

// By hand. Alone: 2.55 / 255 = 0.01, zero point 52. Both: 25.5 / 255 = 0.1, zero point 50.
inline constexpr std::array<int, 2> kWeightSum = {5, -2};
inline constexpr int kAloneZeroPoint = 52, kBothZeroPoint = 50;
inline constexpr std::array<int, 3> kAloneQ = {0, 255, 99};
inline constexpr std::array<int, 6> kBothQ = {45, 70, 55, 0, 255, 60};
inline constexpr std::array<int, 2> kAloneAcc = {-213, 963};
inline constexpr std::array<int, 4> kBothAcc = {205, 5, -330, 885};
// acc - z_x * (5, -2)
inline constexpr std::array<int, 2> kAloneSum = {-473, 1067};
inline constexpr std::array<int, 4> kBothSum = {-45, 105, -580, 985};

// PyTorch's dynamic Linear, qnnpack engine, every bit.
inline constexpr float kAloneScaleByPyTorch = 0.00999999978F, kBothScaleByPyTorch = 0.100000001F;
inline constexpr std::array<float, 2> kAloneByPyTorch = {5.23499966F, 5.33500004F};
inline constexpr std::array<float, 4> kBothByPyTorch = {5.3499999F, 5.25F, -21.3999996F, 49.25F};

// The layer as a net of one operation.
inline QuantizedNet make_net() {
  QuantizedNet net{.tensors = {{{3}, DType::f32}, {{2}, DType::f32}}};
  net.weights.push_back({.weight = {{{4, -2, 3}, {-7, 3, 2}}, {0.5F}}, .real_bias = {7.6F, 0.0F}});
  net.operations.push_back({.kind = "dynamic_linear", .inputs = {0}, .output = 1, .weights = 0});
  return with_input(std::move(net), {});
}

}  // namespace qfs::paper_dynamic

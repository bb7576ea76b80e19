// The net of the text, small enough for paper: two inputs, a hidden layer of two, two outputs,
// activations in four bits. Every integer was worked out by hand; a test compares the outputs with
// PyTorch's (tests/reference/ch06.py).
#pragma once

#include <array>

#include "06_static_ptq/quantized_net.hpp"

namespace qfs::paper_mlp {

inline constexpr QuantRange kFourBits = unsigned_range(4);

// By hand, for the inputs q_x = [3, 9] and [10, 2], which are the reals 0.25 (q_x - 4).
inline const Matrix<std::uint8_t> kInput = {{3, 9}, {10, 2}};
inline const Matrix<float> kRealInput = {{-0.25F, 1.25F}, {1.5F, -0.5F}};
inline constexpr std::array<int, 4> kAcc1 = {-6, 38, 36, -32};
// 6 + round(acc / 8): -0.75, 4.75, 4.5, -4
inline constexpr std::array<int, 4> kLayer1 = {5, 11, 10, 2};
inline constexpr std::array<int, 4> kRelu = {6, 11, 10, 6};  // max(q, 6)
inline constexpr std::array<int, 4> kAcc2 = {1, 38, 24, 0};
// 4 + round(acc / 4): 0.25, 9.5, 6, 0
inline constexpr std::array<int, 4> kLayer2 = {4, 14, 10, 4};
inline constexpr std::array<int, 2> kClasses = {1, 0};

// PyTorch's qnnpack engine on the same parameters.
inline constexpr std::array<int, 4> kLayer1ByPyTorch = {5, 11, 10, 2};
inline constexpr std::array<int, 4> kReluByPyTorch = {6, 11, 10, 6};
inline constexpr std::array<int, 4> kLayer2ByPyTorch = {4, 14, 10, 4};

// s_x s_w = 0.25 * 0.25 = 1/16 and 0.5 * 0.125 = 1/16: the biases in sixteenths.
inline QuantizedNet make_net() {
  constexpr QuantParams kX = {0.25F, 4}, kH = {0.5F, 6}, kY = {0.25F, 4};
  QuantizedNet net{.tensors = {{{2}, DType::f32}}};
  std::size_t x = add_quantize(net, 0, kX, kFourBits);
  const Vector<float> first = {0.5F, 1.0F}, second = {-0.25F, 0.5F};  // 8, 16 and -4, 8
  x = add_linear(net, x, {{{4, -2}, {-7, 3}}, {0.25F}}, values(first), kH, kFourBits);
  x = add_relu(net, x);
  x = add_linear(net, x, {{{7, 1}, {-2, 6}}, {0.125F}}, values(second), kY, kFourBits);
  add_dequantize(net, x);
  return net;
}

// The float net that these integers stand for.
inline Mlp make_float_net() {
  Mlp mlp;
  mlp.layers.resize(2);
  mlp.layers[0].weight = {{1.0F, -0.5F}, {-1.75F, 0.75F}};
  mlp.layers[0].bias = {0.5F, 1.0F};
  mlp.layers[1].weight = {{0.875F, 0.125F}, {-0.25F, 0.75F}};
  mlp.layers[1].bias = {-0.25F, 0.5F};
  return mlp;
}

}  // namespace qfs::paper_mlp

// The examples of the text, worked out by hand. A test compares them with NumPy's
// (tests/reference/ch16.py).
//
// A chain of one number: y1 = max(0.8 x, 0), y2 = 1 - y1, in four bits, on four digits.
#pragma once

#include <array>

#include "06_static_ptq/quantized_net.hpp"

namespace qfs::paper_debugging {

inline const Matrix<float> kX = {{0.0F}, {1.0F}, {2.0F}, {3.0F}};

// In float 0.8 and -1. In integers 3 and -4 of scale 0.25: 0.8 has become 0.75.
inline Mlp make_mlp() {
  return {{{.weight = {{0.8F}}, .bias = {0.0F}, .weight_gradient = {}, .bias_gradient = {}},
           {.weight = {{-1.0F}}, .bias = {1.0F}, .weight_gradient = {}, .bias_gradient = {}}}};
}
inline QuantizedNet make_net() {
  constexpr QuantRange kFourBits = unsigned_range(4);
  QuantizedNet net{.tensors = {{{1}, DType::f32}}};
  std::size_t x = add_quantize(net, 0, {1.0F, 0}, kFourBits);
  x = add_linear(net, x, {{{3}}, {0.25F}}, std::array{0.0F}, {0.5F, 0}, kFourBits);
  x = add_linear(net, x, {{{-4}}, {0.25F}}, std::array{1.0F}, {0.25F, 8}, kFourBits);
  add_dequantize(net, x);
  return net;
}

// What the integers stand for. Layer 2 reads layer 1's integers in turn, those of the float net's
// y1 = 0, 0.8, 1.6, 2.4 alone.
inline constexpr std::array<float, 4> kLayer1 = {0.0F, 1.0F, 1.5F, 2.0F};
inline constexpr std::array<float, 4> kLayer2InTurn = {1.0F, 0.0F, -0.5F, -1.0F};
inline constexpr std::array<float, 4> kLayer2Alone = {1.0F, 0.0F, -0.5F, -1.5F};

// Decibels of 8.96 / 0.21, 3.36 / 0.21, 3.36 / 0.06; promised 8.96 / 0.27719 and 3.36 / 0.15083.
struct PaperRow {
  double in_turn, alone, promised;
};
inline constexpr std::array<PaperRow, 2> kByHand = {
    {{16.301, 16.301, 15.095}, {12.041, 17.482, 13.478}}};
inline constexpr std::array<PaperRow, 2> kByNumpy = {
    {{16.301, 16.301, 15.095}, {12.041, 17.482, 13.478}}};

// The report card: four digits, three classes.
inline constexpr std::array<std::uint8_t, 4> kLabels = {0, 1, 1, 2};
inline constexpr std::array<std::uint8_t, 4> kBefore = {0, 1, 0, 1};
inline constexpr std::array<std::uint8_t, 4> kAfter = {0, 0, 1, 0};
// One digit, two classes: p = (3/4, 1/4) before, since log 3 = 1.0986123, and (1/2, 1/2) after.
inline constexpr std::array<float, 2> kLogits = {1.0986123F, 0.0F};
inline constexpr std::array<float, 2> kLogitsAfter = {0.0F, 0.0F};
inline constexpr double kKlByHand = 0.130812;  // 3/4 log(3/2) + 1/4 log(1/2)
inline constexpr double kKlByNumpy = 0.130812;

}  // namespace qfs::paper_debugging

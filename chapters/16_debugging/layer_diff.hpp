// Which layer is at fault? The float net beside the integer net, tensor by tensor, on the same
// digits.
//
// Symbols as in the text: y the reals of a tensor in the float net, y' what the integers stand for,
// e = y' - y; s_x, s_w, s_y the scales of a layer's input, weights and output.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "01_affine_math/errors.hpp"
#include "06_static_ptq/operations.hpp"

namespace qfs {

// [tensor_diff]
// The integers of one tensor against the reals that they should stand for.
struct TensorDiff {
  ErrorMeasures error{};  // SQNR (eq. 16.1), largest |e|, ...
  // Shares of the integers at either end of the range. An end that is the zero point is not
  // counted: what lies there stands for 0, and a ReLU may have put it there.
  double at_qmin = 0.0, at_qmax = 0.0;
  double zero = 0.0;       // share of the integers that stand for 0 ...
  double real_zero = 0.0;  // ... and of the reals that lie within half a step of 0
};

// real and q have one length, at least 1. Throws Error where it is not so.
TensorDiff diff_tensor(std::span<const float> real, std::span<const std::uint8_t> q,
                       QuantParams params, QuantRange range);
// [/tensor_diff]

// [symptoms]
// What a layer's own error e = y' - y looks like.
struct Symptoms {
  double gain = 0.0;       // sum y y' / sum y^2: 1 where e is only noise; 0 where y is all 0
  double constant = 0.0;   // share of sum e^2 in offsets, the same e for every digit
  double worst_two = 0.0;  // share of sum e^2 in the two worst outputs
};
// [/symptoms]

// [layer_diff]
struct LayerDiff {
  std::string name;          // "input", "layer 1", ...
  TensorDiff in_turn{};      // the net ran from the pixels: the errors of all before it are in it
  TensorDiff alone{};        // it was given the float net's input: what is wrong is its own doing
  double promised_db = 0.0;  // the SQNR that its scales promise (eq. 16.2)
  Symptoms symptoms{};       // of alone
  // How far it falls short of the promise, in dB. A tensor without any error never does.
  double short_by() const {
    return alone.error.sqnr_db == HUGE_VAL ? -HUGE_VAL : promised_db - alone.error.sqnr_db;
  }
};
// [/layer_diff]

// The input and every layer, after its ReLU where it has one, on the digits x (B x pixels). Throws
// Error unless `net` is `mlp` in integers: quantize, every layer as a linear with or without a relu
// behind it, dequantize, in these widths.
std::vector<LayerDiff> diff_layers(const Mlp& mlp, const QuantizedNet& net, const Matrix<float>& x,
                                   const Backend& backend = ref_backend());

// [first_fault]
// The one to blame (eq. 16.3): the first that falls short by more than `most` dB. A tensor with
// wrong parameters spoils two layers, the one that writes it and the one that reads it, so a later
// one may only be a victim.
inline constexpr double kMostShort = 6.0;  // four times the noise that was promised
std::optional<std::size_t> first_fault(std::span<const LayerDiff> layers, double most = kMostShort);
// [/first_fault]

// A layer of a net that is a chain.
struct ChainLayer {
  OperationParts linear;
  const TensorSpec* output;   // what it leaves for the next: after the relu, where there is one
  std::size_t output_tensor;  // its number
  const Operation* relu;      // null where the clamp does it (chapter 07), and behind the last
};

// The layers of a net in their order. Throws Error where it is no chain as above.
std::vector<ChainLayer> chain_of(const QuantizedNet& net);

// One layer as a net of its own: it reads reals, quantizes them as its input was, and ends with the
// integers of its output.
QuantizedNet layer_alone(const QuantizedNet& net, std::size_t layer);

// The noise that the scales of one layer promise on its inputs x (eq. 16.2): the expected sum of
// e^2 over all its outputs y that are not 0. w_scales: 1, or one per output.
double promised_noise(const Matrix<float>& weight, const Matrix<float>& x, const Matrix<float>& y,
                      float x_scale, std::span<const float> w_scales, float y_scale);

}  // namespace qfs

// Faults as they are found in other people's files, planted on purpose: each leaves a file that
// loads, runs, and gives wrong numbers.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "02_integer_products/requantize.hpp"
#include "16_debugging/layer_diff.hpp"

namespace qfs::ch16 {

enum class FaultKind {
  weight_scale,  // the weights' scale is written ten times too small
  bias_scale,    // biases are written as multiples of s_w^2, and read as ones of s_x s_w (eq. 6.3)
  zero_point,    // the zero point of what the layer writes is lost: 0 in its place
  swapped,       // the weights of the first two outputs have changed places, their biases not
  seven_bits,    // what the layer writes is clamped at 127, with the scale of eight bits
};
inline constexpr std::array kFaultKinds = {FaultKind::weight_scale, FaultKind::bias_scale,
                                           FaultKind::zero_point, FaultKind::swapped,
                                           FaultKind::seven_bits};

inline const char* name_of(FaultKind kind) {
  constexpr std::array names = {"weight_scale", "bias_scale", "zero_point", "swapped",
                                "seven_bits"};
  return names.at(static_cast<std::size_t>(kind));
}

// Layer 0 is the input: what writes it is the quantize operation, so only zero_point and
// seven_bits are its faults.
struct Fault {
  std::size_t layer = 0;
  FaultKind kind = FaultKind::weight_scale;
  friend bool operator==(const Fault&, const Fault&) = default;
};

// The tensor that a layer writes; layer 0 is the input.
inline std::size_t tensor_of(const std::vector<ChainLayer>& layers, std::size_t layer) {
  return layer == 0 ? layers[0].linear.operation.inputs[0] : layers[layer - 1].output_tensor;
}

// Why a fused net has no place for a fault; "" where it has one.
inline std::string why_not(const QuantizedNet& net, Fault fault) {
  const std::vector<ChainLayer> layers = chain_of(net);
  if (fault.layer > layers.size()) return "there is no such layer";
  const std::int32_t z = net.tensors[tensor_of(layers, fault.layer)].params.zero_point;
  if (fault.kind == FaultKind::zero_point) return z == 0 ? "there is no zero point to lose" : "";
  if (fault.kind == FaultKind::seven_bits) return z > 127 ? "its zero point lies above 127" : "";
  if (fault.layer == 0) return "the input has no weights";
  return layers[fault.layer - 1].output->size() < 2 ? "it has no two outputs" : "";
}

// The biases, multiples of s_x s_w, as multiples of s_w^2.
inline void write_wrong_biases(Weights& weights, float x_scale) {
  for (std::size_t n = 0; n < weights.bias.size(); ++n) {
    const float ratio = x_scale / of_channel(values(std::as_const(weights.weight.scale)), n);
    weights.bias(n) =
        static_cast<std::int32_t>(std::nearbyint(static_cast<float>(weights.bias(n)) * ratio));
  }
}

// A fused net (chapter 07) with one fault. Throws Error where it has no place for it.
inline QuantizedNet plant(QuantizedNet net, Fault fault) {
  const std::string problem = why_not(net, fault);
  require(problem.empty(), "this fault cannot be planted: " + problem,
          std::string(name_of(fault.kind)) + " in layer " + std::to_string(fault.layer),
          "a fault that the layer can have", "take another layer, or another fault");
  const std::vector<ChainLayer> layers = chain_of(net);
  TensorSpec& written = net.tensors[tensor_of(layers, fault.layer)];
  if (fault.kind == FaultKind::zero_point) written.params.zero_point = 0;
  if (fault.kind == FaultKind::seven_bits) written.range.qmax = 127;
  if (fault.layer == 0) return net;
  const OperationParts& linear = layers[fault.layer - 1].linear;
  Weights& weights = net.weights[*linear.operation.weights];
  if (fault.kind == FaultKind::weight_scale)
    for (float& scale : values(weights.weight.scale)) scale /= 10.0F;
  if (fault.kind == FaultKind::bias_scale) write_wrong_biases(weights, linear.input.params.scale);
  if (fault.kind == FaultKind::swapped)
    std::ranges::swap_ranges(row(weights.weight.q, 0), row(weights.weight.q, 1));
  return net;
}

// Every fault that can be planted in this net.
inline std::vector<Fault> all_faults(const QuantizedNet& net) {
  std::vector<Fault> faults;
  for (std::size_t layer = 0; layer <= chain_of(net).size(); ++layer)
    for (FaultKind kind : kFaultKinds)
      if (why_not(net, {layer, kind}).empty()) faults.push_back({layer, kind});
  return faults;
}

}  // namespace qfs::ch16

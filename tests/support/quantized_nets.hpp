// What the tests from chapter 06 on ask of a quantized net: its list as text, whether two nets are
// the same, the integers that its layers leave.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/operations.hpp"

namespace qfs::test {

// "linear 1 -> 2": the tensors that an operation reads, and the one that it writes.
inline std::vector<std::string> lines_of(const QuantizedNet& net) {
  std::vector<std::string> lines;
  for (const Operation& operation : net.operations) {
    std::string line = operation.kind;
    for (std::size_t input : operation.inputs) line += " " + std::to_string(input);
    lines.push_back(line + " -> " + std::to_string(operation.output));
  }
  return lines;
}

inline bool same(const TensorSpec& a, const TensorSpec& b) {
  return a.shape == b.shape && a.type == b.type && a.params == b.params && a.range == b.range;
}
inline bool same(const Weights& a, const Weights& b) {
  return a.weight.q == b.weight.q && a.weight.scale == b.weight.scale && a.bias == b.bias &&
         a.real_bias == b.real_bias;
}
inline bool same(const Operation& a, const Operation& b) {
  return a.kind == b.kind && a.inputs == b.inputs && a.output == b.output &&
         a.weights == b.weights && a.attributes == b.attributes;
}

// "" where both lists hold the same, else where they first differ.
template <class T>
std::string difference_of_lists(const std::string& name, const std::vector<T>& got,
                                const std::vector<T>& expected) {
  if (got.size() != expected.size())
    return "got " + std::to_string(got.size()) + " of " + name + ", expected " +
           std::to_string(expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!same(got[i], expected[i])) return name + " " + std::to_string(i) + " differ";
  return "";
}

// "" where two nets are the same in everything that a model file keeps.
inline std::string net_difference(const QuantizedNet& got, const QuantizedNet& expected) {
  return difference_of_lists("tensors", got.tensors, expected.tensors) +
         difference_of_lists("weights", got.weights, expected.weights) +
         difference_of_lists("operations", got.operations, expected.operations);
}

// The integers that every layer leaves for the next, after its ReLU where there is one; of the last
// layer the logits.
inline std::vector<Matrix<std::uint8_t>> layer_outputs(
    const QuantizedNet& net, const Matrix<float>& x,
    RequantizeRule rule = RequantizeRule::float32) {
  NetBuffers buffers;
  run(pack(net, ref_backend(rule)), x, buffers);
  const std::vector<OperationParts> layers = layers_of(net);
  std::vector<Matrix<std::uint8_t>> outputs;
  for (std::size_t i = 0; i < layers.size(); ++i)
    outputs.push_back(buffers.u8[i + 1 < layers.size() ? layers[i + 1].operation.inputs[0]
                                                       : layers[i].operation.output]);
  return outputs;
}

}  // namespace qfs::test

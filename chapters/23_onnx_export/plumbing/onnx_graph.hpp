// Puts an ONNX graph together, node by node. A function returns the name of what its node writes,
// so that a graph reads as the arithmetic does.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "01_affine_math/affine.hpp"
#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

class OnnxGraph {
 public:
  OnnxModel model{.opsets = {{"", 13}}};

  // Adds a node; returns the name of its first output. The domain of ONNX Runtime's own operators
  // is declared when the first of them comes.
  std::string node(const std::string& op, std::vector<std::string> inputs,
                   std::vector<std::string> outputs,
                   std::map<std::string, OnnxAttribute> attributes = {},
                   const std::string& domain = {}) {
    if (!domain.empty()) model.opsets.emplace(domain, 1);
    model.nodes.push_back({.op = op,
                           .inputs = std::move(inputs),
                           .outputs = std::move(outputs),
                           .attributes = std::move(attributes),
                           .domain = domain,
                           .name = std::to_string(model.nodes.size() + 1) + "_" + op});
    return model.nodes.back().outputs.front();
  }

  // A tensor that is known: an initializer. The same name again is the same tensor.
  template <class T>
  std::string constant(const std::string& name, std::span<const T> numbers,
                       std::vector<std::size_t> dims) {
    if (find_initializer(model, name) == nullptr)
      model.initializers.push_back(make_initializer(name, numbers, std::move(dims)));
    return name;
  }
  template <class T>
  std::string scalar(const std::string& name, T value) {
    return constant(name, std::span<const T>(&value, 1), {});
  }

  // The names of scale and zero point, two constants, of activations called `q`.
  std::vector<std::string> params(const std::string& q, QuantParams params) {
    return {scalar(q + "_scale", params.scale),
            scalar(q + "_zero_point", static_cast<std::uint8_t>(params.zero_point))};
  }

  // The same of a weight (T = int8) or a bias (T = int32): one scale, or one an output. All zero
  // points are 0, and have the integers' type.
  template <class T>
  std::vector<std::string> symmetric_params(const std::string& q, std::span<const float> scales) {
    if (scales.size() == 1)
      return {scalar(q + "_scale", scales[0]), scalar(q + "_zero_point", T{0})};
    const std::vector<T> zeros(scales.size());
    return {constant(q + "_scale", scales, {scales.size()}),
            constant(q + "_zero_point", std::span<const T>(zeros), {zeros.size()})};
  }
};

}  // namespace qfs

// Puts an ONNX graph together, node by node. A function returns the name of what its node writes,
// so that a graph reads as the arithmetic does.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "01_affine_math/affine.hpp"
#include "20_float_cnn/picture.hpp"
#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

using OnnxAttributes = std::map<std::string, OnnxAttribute>;

// Extents and strides are 64-bit integers in ONNX.
inline std::int64_t as_integer(std::size_t number) { return static_cast<std::int64_t>(number); }

// What a convolution and a pooling say of their window: {h, w}, and the same stride and border on
// every side.
inline OnnxAttributes window_attributes(const Window& window) {
  const std::int64_t stride = as_integer(window.stride), padding = as_integer(window.padding);
  return {{"kernel_shape", std::vector{as_integer(window.height), as_integer(window.width)}},
          {"strides", std::vector{stride, stride}},
          {"pads", std::vector{padding, padding, padding, padding}}};
}

// Lists of names, one behind the other.
inline std::vector<std::string> joined(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

class OnnxGraph {
 public:
  OnnxModel model{.opsets = {{"", 13}}};

  // Adds a node; returns the name of its first output. The domain of ONNX Runtime's own operators
  // is declared when the first of them comes.
  std::string node(const std::string& op, std::vector<std::string> inputs,
                   std::vector<std::string> outputs, OnnxAttributes attributes = {},
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

  // `x` in another shape, called `y`. An extent of -1 is what the others leave.
  std::string reshaped(const std::string& x, std::vector<std::int64_t> dims, const std::string& y) {
    const std::size_t rank = dims.size();
    return node("Reshape", {x, constant(y + "_shape", std::span<const std::int64_t>(dims), {rank})},
                {y});
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

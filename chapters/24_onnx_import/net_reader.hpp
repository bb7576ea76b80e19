// How a graph is read: the net so far, what every name stands for, and the steps that the operators
// are made of.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "24_onnx_import/onnx_values.hpp"
#include "24_onnx_import/plumbing/node_reader.hpp"

namespace qfs {

struct NetReader {
  QuantizedNet net{};
  std::map<std::string, ReadValue> values{};       // what every name of the graph stands for
  std::optional<std::size_t> batch{};              // of the graph's input; none where any will do
  bool input_has_params = true;                    // until an input of integers meets its scale
  std::map<std::string, std::size_t> readers{};    // of every name, the graph's output one of them
  std::map<std::size_t, PictureShape> pictures{};  // as which a tensor has been read
  std::size_t quantizers = 0;                      // DynamicQuantizeLinear so far

  const ReadValue& input(const NodeReader& node, std::size_t i) const;
  void write(const NodeReader& node, ReadValue value, std::size_t output = 0);
  // Adds the operation, and the tensor that it writes, whose number it returns.
  std::size_t add(Operation operation, TensorSpec output);
  // Whether `tensor` may be clamped to less: the operation that wrote it last did clamp, and none
  // of the names that stand for it has two readers.
  bool may_narrow(std::size_t tensor) const;
};

// A row of the table of operators that are read.
struct OnnxOperator {
  std::string_view name, domain;
  void (*read)(NetReader& reader, NodeReader& node);
};
std::span<const OnnxOperator> qdq_operators();
std::span<const OnnxOperator> qoperator_operators();
std::span<const OnnxOperator> dynamic_operators();
// Those of plumbing/.
std::span<const OnnxOperator> clip_operators();
std::span<const OnnxOperator> pool_operators();
std::span<const OnnxOperator> shape_operators();
std::span<const OnnxOperator> transpose_operators();

// Scale and zero point of a tensor.
struct OnnxParams {
  QuantParams params{};  // of our net's, whose integers are 0..255
  bool is_signed = false;
};

// The three steps that QDQ says by three nodes and QOperator by one (eq. 24.1): integers as reals,
// an operator on them, reals as integers.
ReadValue dequantized(NetReader& reader, const NodeReader& node, const ReadValue& value,
                      const OnnxParams& params);
// The integers behind an operator's input. Throws Error where it stands for none.
const OnnxIntegers& dequantized_input(const NodeReader& node, const ReadValue& value);
ReadValue linear_of(const NetReader& reader, const NodeReader& node, const ReadValue& x,
                    const OnnxWeight& weight, bool outputs_first);
ReadValue conv_of(NetReader& reader, NodeReader& node, const ReadValue& x,
                  const OnnxWeight& weight);
ReadValue sum_of(const NodeReader& node, const ReadValue& a, const ReadValue& b);
ReadValue mean_of(NetReader& reader, NodeReader& node, const ReadValue& x, bool of_all_pixels);
void add_bias(const NodeReader& node, OnnxPending& pending, const OnnxWeight& bias);
void add_real_bias(const NodeReader& node, OnnxPending& pending, const Record& bias);
// The scales of its bias: that of its input times each of its weight's (eq. 6.3).
std::vector<float> bias_scales(const OnnxPending& pending);
ReadValue quantized(NetReader& reader, const NodeReader& node, const ReadValue& value,
                    const OnnxParams& params);

// The tensor of reals that a value is. A dynamic product, which waited for its bias, is written
// now.
std::size_t tensor_of_reals(NetReader& reader, const NodeReader& node, const ReadValue& value);
// A dynamic product with its bias, a float tensor of the file.
ReadValue with_real_bias(const NetReader& reader, const NodeReader& node, const ReadValue& product,
                         const ReadValue& bias);

}  // namespace qfs

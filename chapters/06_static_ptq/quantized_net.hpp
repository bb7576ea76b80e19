// A quantized network: a flat list of operations on numbered tensors, as in ONNX and in the
// runtimes. How an operation is computed is not written here: operations.hpp has a table of that.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "05_observers/calibrate.hpp"
#include "06_static_ptq/quantized_weight.hpp"
#include "common/container_file.hpp"

namespace qfs {

// [quantized_net]
// What the numbers of a tensor stand for. The numbers themselves come with the digits.
struct TensorSpec {
  std::vector<std::size_t> shape;  // of one digit: {784}, or {height, width, channels}
  DType type = DType::u8;          // u8: integers with these parameters; f32: reals without
  QuantParams params{};
  QuantRange range{};  // the integers that occur; the largest is written here, not found in data
  std::size_t size() const { return element_count(shape); }
};

// What training has left for one operation.
struct Weights {
  QuantizedWeight weight{};
  Vector<std::int32_t> bias{};  // N, of scale s_x s_w and zero point 0
  Vector<float> real_bias{};    // N, in its place where s_x is found at run time (chapter 08)
};

struct Operation {
  std::string kind;                                               // "linear": a row of the table
  std::vector<std::size_t> inputs;                                // numbers of tensors
  std::size_t output = 0;                                         // number of a tensor
  std::optional<std::size_t> weights{};                           // number of the Weights
  std::map<std::string, std::vector<std::int32_t>> attributes{};  // whatever else it must know
};

struct QuantizedNet {
  std::vector<TensorSpec> tensors;  // tensor 0 is the input of the net
  std::vector<Weights> weights{};
  std::vector<Operation> operations{};  // in the order they run; the last writes the net's output
};
// [/quantized_net]

struct PtqOptions {
  QuantRange activations = unsigned_range(8);
  WeightGranularity weights = WeightGranularity::per_tensor;
};

// quantize, then linear and relu in turn, then dequantize: of L layers 2 L + 1 operations.
// `intervals` are those before ReLU (OutputPoint::after_linear). Throws Error where the number of
// intervals is not that of the layers.
QuantizedNet quantize_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                          const PtqOptions& options);

// The parts of quantize_mlp, for nets that are put together otherwise. Each adds one operation that
// reads tensor `input`, and the tensor that it writes, whose number it returns.
std::size_t add_quantize(QuantizedNet& net, std::size_t input, QuantParams params,
                         QuantRange range);
std::size_t add_linear(QuantizedNet& net, std::size_t input, QuantizedWeight weight,
                       std::span<const float> bias, QuantParams params, QuantRange range);
std::size_t add_relu(QuantizedNet& net, std::size_t input);
std::size_t add_dequantize(QuantizedNet& net, std::size_t input);

// One operation with all that belongs to it, looked up. Valid as long as the net is.
struct OperationParts {
  const Operation& operation;
  const TensorSpec& input;  // the first
  const TensorSpec& output;
  const Weights* weights;  // null where it has none
};
OperationParts parts_of(const QuantizedNet& net, const Operation& operation);

// The operations that have weights, in order: the layers of the text.
std::vector<OperationParts> layers_of(const QuantizedNet& net);

// "operation 2 (linear)": how messages call the one at `index`.
std::string name_of(std::size_t index, std::string_view kind);
std::string name_of(const QuantizedNet& net, const Operation& operation);

}  // namespace qfs

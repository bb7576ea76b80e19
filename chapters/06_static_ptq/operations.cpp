#include "06_static_ptq/operations.hpp"

#include <algorithm>

#include "04_mnist_mlp/evaluate.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"

namespace qfs {

namespace {

struct PackedEdge {
  const Backend* backend;
  QuantParams params;
  QuantRange range;
};

std::any pack_quantize(const QuantizedNet& net, const Operation& operation,
                       const Backend& backend) {
  const TensorSpec& output = parts_of(net, operation).output;
  return PackedEdge{&backend, output.params, output.range};
}
void run_quantize(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                  TensorSlot output) {
  const auto& edge = std::any_cast<const PackedEdge&>(packed);
  edge.backend->quantize(inputs[0].f32, edge.params, edge.range, Rounding::half_even, output.u8);
}

std::any pack_dequantize(const QuantizedNet& net, const Operation& operation,
                         const Backend& backend) {
  const TensorSpec& input = parts_of(net, operation).input;
  return PackedEdge{&backend, input.params, input.range};
}
void run_dequantize(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                    TensorSlot output) {
  const auto& edge = std::any_cast<const PackedEdge&>(packed);
  edge.backend->dequantize(inputs[0].u8, edge.params, output.f32);
}

struct PackedLinear {
  const Backend* backend;
  PackedProduct product;
};

std::any pack_linear(const QuantizedNet& net, const Operation& operation, const Backend& backend) {
  const OperationParts parts = parts_of(net, operation);
  const ToU8 to_u8 = make_to_u8(parts);
  return PackedLinear{&backend, backend.pack({.weight = &parts.weights->weight,
                                              .input_range = parts.input.range,
                                              .to_u8 = &to_u8})};
}

void run_linear(const std::any& packed, std::size_t rows, std::span<const TensorView> inputs,
                TensorSlot output) {
  const auto& linear = std::any_cast<const PackedLinear&>(packed);
  linear.backend->run_u8(linear.product, matrix_left_side(inputs[0].u8, rows), output.u8);
}

std::string describe_linear(const std::any& packed) {
  const auto& linear = std::any_cast<const PackedLinear&>(packed);
  return linear.backend->describe(linear.product);
}

// [relu]
std::any pack_relu(const QuantizedNet& net, const Operation& operation, const Backend&) {
  return static_cast<std::uint8_t>(parts_of(net, operation).input.params.zero_point);
}

// What lies below the zero point stands for a negative real (eq. 6.8).
void run_relu(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
              TensorSlot output) {
  const auto zero = std::any_cast<std::uint8_t>(packed);
  for (std::size_t i = 0; i < output.u8.size(); ++i) output.u8[i] = std::max(inputs[0].u8[i], zero);
}
// [/relu]

// [table]
// name, check, pack, run, describe, clamps, row_by_row
constexpr OperationKind kStaticOperations[] = {
    {"quantize", check_quantize, pack_quantize, run_quantize, nullptr, false, true},
    {"linear", check_linear, pack_linear, run_linear, describe_linear, true, true},
    {"relu", check_relu, pack_relu, run_relu, nullptr, false, true},
    {"dequantize", check_dequantize, pack_dequantize, run_dequantize, nullptr, false, true}};
// [/table]

}  // namespace

std::span<const OperationKind> static_operations() { return kStaticOperations; }

ToU8 make_to_u8(const OperationParts& layer) {
  constexpr std::int32_t kSymmetric = 0;
  const auto& [q, scales] = layer.weights->weight;
  return {fold_zero_points(q, values(layer.weights->bias), layer.input.params.zero_point,
                           layer.input.range, {&kSymmetric, 1}),  // (eq. 6.5)
          output_multipliers(layer.input.params.scale, values(scales), layer.output.params.scale),
          layer.output.params, layer.output.range};
}

const OperationKind& find_kind(std::span<const OperationKind> table, std::string_view name,
                               const std::string& where) {
  const auto row = std::ranges::find(table, name, &OperationKind::name);
  if (row != table.end()) return *row;
  std::string known;
  for (const OperationKind& kind : table)
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  fail(where + ": no such operation here", name, "one of " + known,
       "hand in a table that has it, or use another file");
}

PackedNet pack(const QuantizedNet& net, const Backend& backend,
               std::span<const OperationKind> table) {
  require_valid(net, table);
  PackedNet packed{.tensors = net.tensors, .operations = {}};
  for (const Operation& operation : net.operations) {
    const OperationKind& kind = find_kind(table, operation.kind, name_of(net, operation));
    packed.operations.push_back({kind, operation, kind.pack(net, operation, backend)});
  }
  return packed;
}

std::vector<std::string> describe(const PackedNet& net) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < net.operations.size(); ++i) {
    const PackedOperation& operation = net.operations[i];
    if (operation.kind.describe == nullptr) continue;
    const std::string text = operation.kind.describe(operation.packed);
    if (!text.empty()) lines.push_back(name_of(i, operation.operation.kind) + ": " + text);
  }
  return lines;
}

namespace {

void fit_buffers(const PackedNet& net, std::size_t rows, NetBuffers& buffers) {
  buffers.u8.resize(net.tensors.size());
  buffers.f32.resize(net.tensors.size());
  for (std::size_t t = 1; t < net.tensors.size(); ++t) {
    const TensorSpec& tensor = net.tensors[t];
    if (tensor.type == DType::u8)
      fit_shape(buffers.u8[t], rows, tensor.size());
    else
      fit_shape(buffers.f32[t], rows, tensor.size());
  }
}

void require_input(const PackedNet& net, TensorView input, std::size_t rows) {
  const bool reals = net.input().type == DType::f32;
  require((reals ? input.u8.size() : input.f32.size()) == 0,
          "the net reads numbers of the other type", reals ? "integers" : "reals",
          reals ? "reals" : "integers", "pass what its first tensor says");
  require(input.u8.size() + input.f32.size() == rows * net.input().size(),
          "the input does not fit the net", input.u8.size() + input.f32.size(),
          rows * net.input().size(), "pass rows x the size of its first tensor");
}

TensorView view_of(const NetBuffers& buffers, std::size_t tensor) {
  return {values(buffers.u8[tensor]), values(buffers.f32[tensor])};
}

}  // namespace

// [run]
void run(const PackedNet& net, TensorView input, std::size_t rows, NetBuffers& buffers) {
  require_input(net, input, rows);
  fit_buffers(net, rows, buffers);
  for (const auto& [kind, operation, packed] : net.operations) {
    buffers.inputs.clear();
    for (std::size_t t : operation.inputs)
      buffers.inputs.push_back(t == 0 ? input : view_of(buffers, t));
    const std::size_t y = operation.output;
    kind.run(packed, rows, buffers.inputs, {values(buffers.u8[y]), values(buffers.f32[y])});
  }
}
// [/run]

const Matrix<float>& run(const PackedNet& net, const Matrix<float>& x, NetBuffers& buffers) {
  require(net.output().type == DType::f32, "the net gives no reals", "integers", "reals",
          "look at its last tensor in the buffers, or end it with dequantize");
  require(x.shape(1) == net.input().size(), "the input does not fit the net", x.shape(1),
          net.input().size(), "pass one column for every element of its first tensor");
  run(net, {.f32 = values(x)}, x.shape(0), buffers);
  return buffers.f32[net.operations.back().operation.output];
}

std::vector<std::uint8_t> classify_u8(const PackedNet& net, const Matrix<std::uint8_t>& pixels) {
  NetBuffers buffers;
  return classify(
      pixels, [&](const Matrix<float>& x) -> const Matrix<float>& { return run(net, x, buffers); });
}

}  // namespace qfs

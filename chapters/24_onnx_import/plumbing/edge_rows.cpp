#include "24_onnx_import/plumbing/edge_rows.hpp"

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "24_onnx_import/onnx_rows.hpp"

namespace qfs {
namespace {

struct PackedQuantize {
  const Backend* backend;
  QuantParams params;
  QuantRange range;
};

std::any pack_quantize_onnx(const QuantizedNet& net, const Operation& operation,
                            const Backend& backend) {
  const TensorSpec& output = parts_of(net, operation).output;
  return PackedQuantize{&backend, output.params, output.range};
}

void run_quantize_onnx(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                       TensorSlot output) {
  const auto& [backend, params, range] = std::any_cast<const PackedQuantize&>(packed);
  backend->quantize(inputs[0].f32, params, range, Rounding::half_even_divide,
                    output.u8);  // (eq. 24.6)
}

struct PackedLinear {
  const Backend* backend;
  PackedProduct product;
};

void check_linear_onnx(const QuantizedNet& net, const Operation& operation) {
  require_inputs(net, operation, 1);
  require_type(net, operation, operation.inputs[0], DType::u8);
  require_type(net, operation, operation.output, DType::u8);
  require_fitting_weights(net, operation);
  const OperationParts parts = parts_of(net, operation);
  require(parts.weights->bias.size() == parts.output.size() && operation.attributes.empty(),
          name_of(net, operation) + ": one bias per output, and no attributes",
          parts.weights->bias.size(), parts.output.size(), "import the model again");
}

std::any pack_linear_onnx(const QuantizedNet& net, const Operation& operation,
                          const Backend& backend) {
  const OperationParts parts = parts_of(net, operation);
  const ToU8 to_u8 = make_to_u8_onnx(parts);
  return PackedLinear{&backend, backend.pack({.weight = &parts.weights->weight,
                                              .input_range = parts.input.range,
                                              .to_u8 = &to_u8})};
}

void run_linear_onnx(const std::any& packed, std::size_t rows, std::span<const TensorView> inputs,
                     TensorSlot output) {
  const auto& [backend, product] = std::any_cast<const PackedLinear&>(packed);
  backend->run_u8(product, matrix_left_side(inputs[0].u8, rows), output.u8);
}

std::string describe_linear_onnx(const std::any& packed) {
  const auto& [backend, product] = std::any_cast<const PackedLinear&>(packed);
  return backend->describe(product);
}

}  // namespace

OperationKind quantize_onnx_kind() {
  return {
      "quantize_onnx", check_quantize, pack_quantize_onnx, run_quantize_onnx, nullptr, false, true};
}

OperationKind linear_onnx_kind() {
  return {"linear_onnx",
          check_linear_onnx,
          pack_linear_onnx,
          run_linear_onnx,
          describe_linear_onnx,
          true,
          true};
}

}  // namespace qfs

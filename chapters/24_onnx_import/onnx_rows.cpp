#include "24_onnx_import/onnx_rows.hpp"

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "21_int8_cnn/cnn_operations.hpp"

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

// In all but its multipliers a conv2d.
std::any pack_conv2d_onnx(const QuantizedNet& net, const Operation& operation,
                          const Backend& backend) {
  return pack_conv2d(net, operation, backend, make_to_u8_onnx(parts_of(net, operation)));
}

}  // namespace

// [multipliers]
Vector<float> output_multipliers_onnx(float x_scale, std::span<const float> w_scales,
                                      float y_scale) {
  auto multiplier = make_tensor<float>({w_scales.size()});
  for (std::size_t c = 0; c < multiplier.size(); ++c) {
    output_multiplier(x_scale, w_scales[c], y_scale);  // throws where there is none
    multiplier(c) = x_scale * w_scales[c] / y_scale;   // (eq. 24.7)
    require_scale(multiplier(c), "the multiplier of a layer");
  }
  return multiplier;
}

ToU8 make_to_u8_onnx(const OperationParts& layer) {
  ToU8 to_u8 = make_to_u8(layer);
  to_u8.multiplier = output_multipliers_onnx(
      layer.input.params.scale, values(layer.weights->weight.scale), layer.output.params.scale);
  return to_u8;
}
// [/multipliers]

std::span<const OperationKind> onnx_operations() {
  static const std::vector<OperationKind> kTable = [] {
    const std::span<const OperationKind> known = cnn_operations();
    std::vector<OperationKind> table(known.begin(), known.end());
    OperationKind conv = find_kind(known, "conv2d", "chapter 21");
    conv.name = "conv2d_onnx";
    conv.pack = pack_conv2d_onnx;
    table.push_back({"quantize_onnx", check_quantize, pack_quantize_onnx, run_quantize_onnx,
                     nullptr, false, true});
    table.push_back({"linear_onnx", check_linear_onnx, pack_linear_onnx, run_linear_onnx,
                     describe_linear_onnx, true, true});
    table.push_back(conv);
    return table;
  }();
  return kTable;
}

}  // namespace qfs

// Dynamic quantization: ranges at run time, reals between the products (chapter 08, ONNX's rule).
#include "24_onnx_import/plumbing/onnx_constants.hpp"
#include "24_onnx_import/plumbing/onnx_layouts.hpp"
#include "24_onnx_import/plumbing/value_texts.hpp"

#include "08_dynamic_quantization/dynamic.hpp"

namespace qfs {
namespace {

using Step = OnnxDynamic::Step;

const OnnxDynamic* at_step(const ReadValue& value, Step step) {
  const auto* dynamic = std::get_if<OnnxDynamic>(&value.what);
  return dynamic != nullptr && dynamic->step == step ? dynamic : nullptr;
}

[[noreturn]] void refuse_pattern(const NetReader& reader, const NodeReader& node) {
  node.refuse("is no part of a dynamic product that is read", text_of_inputs(reader, node),
              "DynamicQuantizeLinear, MatMulInteger, Cast, Mul by both scales, Add of a real bias",
              "export it as ONNX Runtime's quantize_dynamic does");
}

void read_dynamic_quantize_linear(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1, 3);
  const ReadValue x = reader.input(node, 0);
  OnnxDynamic dynamic{.x = tensor_of_reals(reader, node, x), .quantizer = ++reader.quantizers};
  std::size_t output = 0;
  for (const Step step : {Step::integers, Step::scale, Step::zero_point}) {
    dynamic.step = step;
    reader.write(node, {dynamic, x.layout}, output++);
  }
}

void read_mat_mul_integer(NetReader& reader, NodeReader& node) {
  node.require_ends(3, 4);
  const ReadValue& integers = reader.input(node, 0);
  const OnnxDynamic* x = at_step(integers, Step::integers);
  const OnnxDynamic* zero = at_step(reader.input(node, 2), Step::zero_point);
  if (x == nullptr || zero == nullptr || x->quantizer != zero->quantizer)
    refuse_pattern(reader, node);
  OnnxDynamic sums = *x;
  sums.step = Step::sums;
  sums.x_layout = integers.layout;
  sums.weight = unscaled_weight_of(reader, node, 1, 3);
  const std::size_t K = element_count(integers.layout.dims);
  if (integers.layout.dims.size() != 1 || sums.weight.dims.size() != 2 || sums.weight.dims[0] != K)
    node.refuse("has a weight that does not fit its input",
                in_quotes(sums.weight.name) + " " + shape_text(sums.weight.dims),
                "K = " + shape_text(integers.layout.dims), "export the model again");
  const std::size_t N = sums.weight.dims[1];
  reader.write(node, {std::move(sums), {.dims = {N}}});
}

void read_cast(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  constexpr std::int64_t kFloat = 1;
  node.require_integer("to", kFloat);
  node.require_integer("saturate", 1);
  ReadValue y = reader.input(node, 0);
  if (at_step(y, Step::sums) == nullptr) refuse_pattern(reader, node);
  std::get<OnnxDynamic>(y.what).step = Step::real_sums;
  reader.write(node, std::move(y));
}

// s_x s_w first; then the sums times that (eq. 24.5).
void read_mul(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  const ReadValue *a = &reader.input(node, 0), *b = &reader.input(node, 1);
  if (at_step(*a, Step::scale) == nullptr && at_step(*a, Step::real_sums) == nullptr)
    std::swap(a, b);
  if (const OnnxDynamic* scale = at_step(*a, Step::scale)) {
    OnnxDynamic product = *scale;
    product.step = Step::scale_product;
    product.weight.scale = scales_of(reader, node, b == &reader.input(node, 1) ? 1 : 0);
    return reader.write(node, {std::move(product), {}});
  }
  const OnnxDynamic *sums = at_step(*a, Step::real_sums), *scale = at_step(*b, Step::scale_product);
  if (sums == nullptr || scale == nullptr || sums->quantizer != scale->quantizer)
    refuse_pattern(reader, node);
  ReadValue y = *a;
  auto& reals = std::get<OnnxDynamic>(y.what);
  reals.step = Step::reals;
  reals.weight.scale = scale->weight.scale;
  if (reals.weight.scale.size() != 1 &&
      (!is_row(y.layout) || reals.weight.scale.size() != y.layout.dims[0]))
    node.refuse("has another number of scales than of outputs",
                std::to_string(reals.weight.scale.size()), shape_text(y.layout.dims),
                "export the model again");
  reader.write(node, std::move(y));
}

constexpr OnnxOperator kOperators[] = {{"DynamicQuantizeLinear", "", read_dynamic_quantize_linear},
                                       {"MatMulInteger", "", read_mat_mul_integer},
                                       {"Cast", "", read_cast},
                                       {"Mul", "", read_mul}};

// The operation, now that nothing more can belong to it.
std::size_t add_dynamic_linear(NetReader& reader, const NodeReader& node,
                               const OnnxDynamic& reals) {
  const std::size_t K = reals.weight.dims[0], N = reals.weight.dims[1];
  const std::vector<std::size_t> column = columns_of(reals.x_layout);
  const auto index = [&](std::size_t n, std::size_t k) { return column[k] * N + n; };
  Weights weights{.weight = s8_weight(node, reals.weight, N, K, 1, index),
                  .real_bias = make_tensor<float>({N}, 0.0F)};
  std::ranges::copy(reals.bias, weights.real_bias.begin());
  reader.net.weights.push_back(std::move(weights));
  return reader.add(
      {.kind = "dynamic_linear", .inputs = {reals.x}, .weights = reader.net.weights.size() - 1},
      {{N}, DType::f32});
}

// What makes reals, or integers, of a value that is neither.
const char* advice_for(const ReadValue& value) {
  if (std::holds_alternative<OnnxPending>(value.what))
    return "put QuantizeLinear and DequantizeLinear behind that product";
  if (std::holds_alternative<OnnxIntegers>(value.what))
    return "put DequantizeLinear before this node, and QuantizeLinear behind it";
  if (std::holds_alternative<OnnxDynamic>(value.what))
    return "put Cast to float and Mul by s_x s_w behind MatMulInteger";
  return "cut this part off the model";
}

}  // namespace

std::span<const OnnxOperator> dynamic_operators() { return kOperators; }

ReadValue with_real_bias(const NetReader& reader, const NodeReader& node, const ReadValue& sums,
                         const ReadValue& bias) {
  const OnnxDynamic* reals = at_step(sums, Step::reals);
  const auto* constant = std::get_if<OnnxConstant>(&bias.what);
  if (reals == nullptr || !reals->bias.empty() || constant == nullptr ||
      constant->tensor->dtype != DType::f32)
    refuse_pattern(reader, node);
  ReadValue y = sums;
  auto& with_bias = std::get<OnnxDynamic>(y.what);
  with_bias.bias = elements<float>(*constant->tensor);
  const std::vector<std::size_t>& dims = constant->tensor->dims;
  if (!is_row(y.layout) || with_bias.bias.size() != y.layout.dims[0] || dims.size() > 2 ||
      (!dims.empty() && dims.back() != y.layout.dims[0]))
    node.refuse("has a bias that does not fit", in_quotes(constant->tensor->name),
                shape_text(y.layout.dims), "export the model again");
  return y;
}

std::size_t tensor_of_reals(NetReader& reader, const NodeReader& node, const ReadValue& value) {
  if (const auto* reals = std::get_if<OnnxReals>(&value.what)) return reals->tensor;
  if (const OnnxDynamic* dynamic = at_step(value, Step::reals))
    return add_dynamic_linear(reader, node, *dynamic);
  node.refuse("needs reals, and reads what stands for none yet", text_of(value),
              "the net's input, or a dynamic product times both of its scales", advice_for(value));
}

}  // namespace qfs

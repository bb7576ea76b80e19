#include "08_dynamic_quantization/dynamic.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qfs {
namespace {

// [pytorch_rule]
// In float64; scale and zero point leave it rounded, once each. A range that is 0, or so narrow
// that 1 / scale is no float32, gets the scale 0.1; and no scale is below 6.1e-5: the interval
// grows with it, so the zero point stays.
QuantParams qparams_by_pytorch(float lo, float hi, QuantRange range) {
  double scale =
      (static_cast<double>(hi) - static_cast<double>(lo)) / (range.qmax - range.qmin);  // (eq. 8.1)
  if (std::isinf(1.0F / static_cast<float>(scale))) scale = kScaleOfZeros;
  if (scale < static_cast<double>(kSmallestDynamicScale)) {
    lo *= kSmallestDynamicScale / static_cast<float>(scale);
    scale = static_cast<double>(kSmallestDynamicScale);
  }
  const double zero_point = std::nearbyint(range.qmin - static_cast<double>(lo) / scale);
  return {static_cast<float>(scale), static_cast<std::int32_t>(zero_point)};  // (eq. 8.2)
}
// [/pytorch_rule]

// In float32 throughout. Halves go to the even integer.
QuantParams qparams_by_onnx(float lo, float hi, QuantRange range) {
  const auto qmin = static_cast<float>(range.qmin), qmax = static_cast<float>(range.qmax);
  require(
      std::isfinite(hi - lo), "the interval is too wide",
      [&] { return "[" + to_message(lo) + ", " + to_message(hi) + "]"; }, "a width below 3.4e38",
      "look for an outlier of that size");
  float scale = (hi - lo) / (qmax - qmin);
  if (!std::isnormal(scale)) scale = 1.0F;
  const float zero_point = std::nearbyint(std::clamp(qmin - lo / scale, qmin, qmax));
  return {scale, static_cast<std::int32_t>(zero_point)};
}

constexpr const char* kAdvice = "quantize the net again";

}  // namespace

QuantParams dynamic_qparams(Interval interval, QuantRange range, RangeRule rule) {
  require(
      std::isfinite(interval.min) && std::isfinite(interval.max) && interval.min <= interval.max &&
          range.qmin < range.qmax,
      "no scale exists for this interval",
      [&] { return "[" + to_message(interval.min) + ", " + to_message(interval.max) + "]"; },
      "two finite numbers, min <= max, and two integers", "look for NaN or infinity");
  const float lo = std::min(interval.min, 0.0F), hi = std::max(interval.max, 0.0F);
  return rule == RangeRule::pytorch ? qparams_by_pytorch(lo, hi, range)
                                    : qparams_by_onnx(lo, hi, range);
}

namespace {

std::size_t length_of_rows(std::span<const float> x, std::size_t rows) {
  const std::size_t K = rows == 0 ? 0 : x.size() / rows;
  require(rows * K == x.size(), "inputs without rows of one length", x.size(), rows * K,
          "pass rows x K reals");
  return K;
}

// [quantize_input]
// `params` keeps its memory; q has a place for every input.
void quantize_rows(std::span<const float> x, std::size_t rows, QuantRange range,
                   const DynamicOptions& options, const Backend& backend,
                   std::vector<QuantParams>& params, std::span<std::uint8_t> q) {
  const std::size_t K = length_of_rows(x, rows);
  const std::size_t rows_of_part = options.granularity == InputGranularity::per_row ? 1 : rows;
  const Rounding rounding =
      options.rule == RangeRule::onnx ? Rounding::half_even_divide : Rounding::half_even;
  params.clear();
  for (std::size_t m = 0; m < rows; m += rows_of_part) {
    const std::span<const float> part = x.subspan(m * K, rows_of_part * K);
    params.push_back(dynamic_qparams(backend.min_max(part), range, options.rule));
    backend.quantize(part, params.back(), range, rounding, q.subspan(m * K, part.size()));
  }
}
// [/quantize_input]

}  // namespace

void quantize_input(std::span<const float> x, std::size_t rows, QuantRange range,
                    const DynamicOptions& options, const Backend& backend, QuantizedInput& input) {
  fit_shape(input.q, rows, rows == 0 ? 0 : x.size() / rows);
  quantize_rows(x, rows, range, options, backend, input.params, values(input.q));
}

QuantizedInput quantize_input(const Matrix<float>& x, QuantRange range,
                              const DynamicOptions& options) {
  QuantizedInput input;
  quantize_input(values(x), x.shape(0), range, options, ref_backend(), input);
  return input;
}

ToF32 make_to_f32(const Weights& weights) {
  return {row_sums(weights.weight.q), weights.real_bias};
}

namespace {

// [attributes]
std::map<std::string, std::vector<std::int32_t>> attributes_of(const DynamicInput& input) {
  const bool per_row = input.options.granularity == InputGranularity::per_row,
             onnx = input.options.rule == RangeRule::onnx;
  return {{"range", {input.range.qmin, input.range.qmax}},
          {"per_row", {per_row ? 1 : 0}},
          {"onnx_rule", {onnx ? 1 : 0}}};
}
// [/attributes]

bool flag_of(const QuantizedNet& net, const Operation& operation, const std::string& name) {
  const auto found = operation.attributes.find(name);
  require(found != operation.attributes.end() && found->second.size() == 1 &&
              (found->second[0] == 0 || found->second[0] == 1),
          name_of(net, operation) + " lacks an attribute, or it is neither 0 nor 1", name, "0 or 1",
          kAdvice);
  return found->second[0] == 1;
}

}  // namespace

DynamicInput dynamic_input_of(const QuantizedNet& net, const Operation& operation) {
  const auto found = operation.attributes.find("range");
  require(operation.attributes.size() == 3 && found != operation.attributes.end() &&
              found->second.size() == 2,
          name_of(net, operation) + " has other attributes than its kind",
          operation.attributes.size(), "range (two numbers), per_row, onnx_rule", kAdvice);
  const QuantRange range = {found->second[0], found->second[1]};
  require(0 <= range.qmin && range.qmin < range.qmax && range.qmax <= 255,
          name_of(net, operation) + " has no range of integers within 8 bits",
          std::to_string(range.qmin) + ".." + std::to_string(range.qmax), "0 <= qmin < qmax <= 255",
          kAdvice);
  return {range,
          {flag_of(net, operation, "per_row") ? InputGranularity::per_row
                                              : InputGranularity::per_tensor,
           flag_of(net, operation, "onnx_rule") ? RangeRule::onnx : RangeRule::pytorch}};
}

namespace {

void check_dynamic_linear(const QuantizedNet& net, const Operation& operation) {
  require_inputs(net, operation, 1);
  require_type(net, operation, operation.inputs[0], DType::f32);
  require_type(net, operation, operation.output, DType::f32);
  require_fitting_weights(net, operation);
  const OperationParts parts = parts_of(net, operation);
  const std::string name = name_of(net, operation);
  require(parts.weights->real_bias.size() == parts.output.size(), name + ": one bias per output",
          parts.weights->real_bias.size(), parts.output.size(), kAdvice);
  for (float bias : values(parts.weights->real_bias))
    require(std::isfinite(bias), name + " has a bias that is not finite", bias, "a finite number",
            kAdvice);
  dynamic_input_of(net, operation);
}

// [dynamic_linear]
struct PackedDynamicLinear {
  const Backend* backend;
  PackedProduct product;
  DynamicInput input;
};

std::any pack_dynamic_linear(const QuantizedNet& net, const Operation& operation,
                             const Backend& backend) {
  const OperationParts parts = parts_of(net, operation);
  const DynamicInput input = dynamic_input_of(net, operation);
  const ToF32 to_f32 = make_to_f32(*parts.weights);
  const Product product{
      .weight = &parts.weights->weight, .input_range = input.range, .to_f32 = &to_f32};
  return PackedDynamicLinear{&backend, backend.pack(product), input};
}

void run_dynamic_linear(const std::any& packed, std::size_t rows,
                        std::span<const TensorView> inputs, TensorSlot output) {
  const auto& [backend, product, how] = std::any_cast<const PackedDynamicLinear&>(packed);
  // Kept, so that the second batch allocates nothing. Layers of other widths share it, and a vector
  // that shrinks, unlike a Matrix, keeps its memory.
  thread_local std::vector<QuantParams> params;
  thread_local std::vector<std::uint8_t> q;
  q.resize(inputs[0].f32.size());
  quantize_rows(inputs[0].f32, rows, how.range, how.options, *backend, params, q);
  backend->run_f32(product, matrix_left_side(q, rows), params, output.f32);
}
// [/dynamic_linear]

std::string describe_dynamic_linear(const std::any& packed) {
  const auto& linear = std::any_cast<const PackedDynamicLinear&>(packed);
  return linear.backend->describe(linear.product);
}

void check_relu_f32(const QuantizedNet& net, const Operation& operation) {
  require_inputs(net, operation, 1);
  require_type(net, operation, operation.inputs[0], DType::f32);
  require_type(net, operation, operation.output, DType::f32);
  require_same_size(net, operation);
  require(operation.attributes.empty() && !operation.weights,
          name_of(net, operation) + " has attributes or weights", operation.attributes.size(),
          "none", kAdvice);
}

std::any pack_nothing(const QuantizedNet&, const Operation&, const Backend&) { return {}; }

void run_relu_f32(const std::any&, std::size_t, std::span<const TensorView> inputs,
                  TensorSlot output) {
  for (std::size_t i = 0; i < output.f32.size(); ++i)
    output.f32[i] = inputs[0].f32[i] < 0.0F ? 0.0F : inputs[0].f32[i];
}

}  // namespace

// [rows]
std::span<const OperationKind> dynamic_operations() {
  static const std::vector<OperationKind> kTable = [] {
    const std::span<const OperationKind> known = static_operations();
    std::vector<OperationKind> table(known.begin(), known.end());
    table.push_back({"dynamic_linear", check_dynamic_linear, pack_dynamic_linear,
                     run_dynamic_linear, describe_dynamic_linear});
    table.push_back({"relu_f32", check_relu_f32, pack_nothing, run_relu_f32, nullptr, false, true});
    return table;
  }();
  return kTable;
}
// [/rows]

// [quantize_dynamic]
QuantizedNet quantize_dynamic(const Mlp& mlp, WeightGranularity weights,
                              const DynamicInput& input) {
  require(!mlp.layers.empty(), "a net needs layers", 0, "at least one", "load or train a net");
  QuantizedNet net{.tensors = {{{mlp.inputs()}, DType::f32}}};
  const auto add = [&](const char* kind, std::size_t width) {
    net.tensors.push_back({{width}, DType::f32});
    net.operations.push_back(
        {.kind = kind, .inputs = {net.tensors.size() - 2}, .output = net.tensors.size() - 1});
  };
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Linear& layer = mlp.layers[i];
    net.weights.push_back(
        {.weight = quantize_weight(layer.weight, weights), .real_bias = layer.bias});
    add("dynamic_linear", layer.outputs());
    net.operations.back().weights = i;
    if (i + 1 < mlp.layers.size()) add("relu_f32", layer.outputs());
  }
  return with_input(std::move(net), input);
}
// [/quantize_dynamic]

QuantizedNet with_input(QuantizedNet net, const DynamicInput& input) {
  for (Operation& operation : net.operations)
    if (operation.kind == "dynamic_linear") operation.attributes = attributes_of(input);
  return net;
}

Matrix<float> rows_of(const Matrix<float>& x, std::size_t begin, std::size_t end) {
  auto some = make_tensor<float>({end - begin, x.shape(1)});
  std::ranges::copy(values(x).subspan(begin * x.shape(1), some.size()), values(some).begin());
  return some;
}

Matrix<float> run_in_batches(const PackedNet& net, const Matrix<float>& x, std::size_t batch_size) {
  require(batch_size > 0, "a batch needs a size", batch_size, "at least 1", "choose another size");
  auto logits = make_tensor<float>({x.shape(0), net.output().size()});
  NetBuffers buffers;
  for (std::size_t begin = 0; begin < x.shape(0); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, x.shape(0));
    const Matrix<float>& some = run(net, rows_of(x, begin, end), buffers);
    std::ranges::copy(values(some), row(logits, begin).begin());
  }
  return logits;
}

}  // namespace qfs

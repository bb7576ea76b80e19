#include "06_static_ptq/backend.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace qfs {

PackedLinear pack_parameters(const QuantizedLinear& layer, std::string_view backend) {
  require_valid(layer, "a layer to be packed");
  constexpr std::array<std::int32_t, 1> kSymmetric = {0};
  PackedLinear packed{.backend = backend,
                      .inputs = layer.inputs(),
                      .outputs = layer.outputs(),
                      .input_range = layer.input_range,
                      .output = layer.output,
                      .output_range = layer.output_range};
  packed.bias = fold_zero_points(layer.weight, values(layer.bias), layer.input.zero_point,
                                 layer.input_range, kSymmetric);  // (eq. 6.5)
  packed.multiplier = layer.multiplier;
  packed.sum_scale = make_tensor<float>({layer.weight_scale.size()});
  for (std::size_t c = 0; c < packed.sum_scale.size(); ++c)
    packed.sum_scale(c) = layer.input.scale * layer.weight_scale(c);
  return packed;
}

void require_shapes(const PackedLinear& layer, std::size_t x_size, std::size_t rows,
                    std::size_t y_size) {
  require(x_size == rows * layer.inputs, "the input does not fit the layer", x_size,
          std::to_string(rows) + " x " + std::to_string(layer.inputs), "pass rows x K integers");
  require(y_size == rows * layer.outputs, "the output does not fit the layer", y_size,
          std::to_string(rows) + " x " + std::to_string(layer.outputs), "pass room for rows x N");
}

// [product]
void ref_product(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<std::int32_t> acc) {
  require_shapes(layer, x.size(), rows, acc.size());
  const std::span weight(reinterpret_cast<const std::int8_t*>(layer.weight.data()),
                         layer.weight.size());
  gemm_u8s8s32_ref({rows, layer.outputs, layer.inputs}, x, weight, acc);
  for (std::size_t i = 0; i < acc.size(); ++i)
    acc[i] += layer.bias(i % layer.outputs);  // (eq. 6.6)
}

void ref_requantize(const PackedLinear& layer, std::span<const std::int32_t> acc,
                    std::span<std::uint8_t> y) {
  const std::span<const float> multipliers = values(layer.multiplier);
  for (std::size_t i = 0; i < acc.size(); ++i)  // (eq. 6.7)
    y[i] = static_cast<std::uint8_t>(requantize_float(acc[i],
                                                      of_channel(multipliers, i % layer.outputs),
                                                      layer.output.zero_point, layer.output_range));
}
// [/product]

namespace {

PackedLinear pack_ref(const QuantizedLinear& layer) {
  PackedLinear packed = pack_parameters(layer, "ref");
  packed.weight.resize(layer.weight.size());  // as it is: N x K
  std::memcpy(packed.weight.data(), layer.weight.data(), layer.weight.size());
  return packed;
}

// The multipliers become integers here, and the floats are left behind.
PackedLinear pack_ref_fixed(const QuantizedLinear& layer) {
  PackedLinear packed = pack_ref(layer);
  packed.backend = "ref_fixed";
  packed.multiplier = Vector<float>();
  packed.fixed = make_tensor<FixedPointMultiplier>({layer.multiplier.size()});
  for (std::size_t c = 0; c < packed.fixed.size(); ++c)
    packed.fixed(c) = to_fixed_point(static_cast<double>(layer.multiplier(c)));
  return packed;
}

std::vector<std::int32_t> sums(const PackedLinear& layer, std::span<const std::uint8_t> x,
                               std::size_t rows, std::size_t y_size) {
  require_shapes(layer, x.size(), rows, y_size);
  std::vector<std::int32_t> acc(y_size);
  ref_product(layer, x, rows, acc);
  return acc;
}

void run_u8_ref(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                std::span<std::uint8_t> y) {
  ref_requantize(layer, sums(layer, x, rows, y.size()), y);
}

void run_u8_ref_fixed(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                      std::span<std::uint8_t> y) {
  requantize_fixed_rows(values(layer.fixed), layer.output.zero_point, layer.output_range,
                        layer.outputs, sums(layer, x, rows, y.size()), y);
}

void run_f32_ref(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<float> y) {
  const std::vector<std::int32_t> acc = sums(layer, x, rows, y.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = of_channel(values(layer.sum_scale), i % layer.outputs) * static_cast<float>(acc[i]);
}

constexpr Backend kRef = {"ref", pack_ref, run_u8_ref, run_f32_ref};
constexpr Backend kRefFixed = {"ref_fixed", pack_ref_fixed, run_u8_ref_fixed, run_f32_ref};

}  // namespace

const Backend& ref_backend(RequantizeRule rule) {
  return rule == RequantizeRule::float32 ? kRef : kRefFixed;
}

}  // namespace qfs

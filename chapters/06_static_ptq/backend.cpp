#include "06_static_ptq/backend.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace qfs {

PackedWeight pack_shape(const Matrix<std::int8_t>& weight, QuantRange input_range,
                        std::string_view backend) {
  require(weight.size() > 0, "a layer to be packed has no weights", shape_text(weight),
          "at least 1 x 1", "quantize the net again");
  require(0 <= input_range.qmin && input_range.qmin <= input_range.qmax && input_range.qmax <= 255,
          "the inputs of a layer are not within 8 bits",
          std::to_string(input_range.qmin) + ".." + std::to_string(input_range.qmax),
          "within 0..255", "quantize the net again");
  for (std::size_t n = 0; n < weight.shape(0); ++n) {
    std::int64_t worst = 0;  // whatever the inputs are, and in whatever order they are added
    for (std::int8_t q : row(weight, n)) worst += std::abs(q) * largest_magnitude(input_range);
    require(worst <= std::numeric_limits<std::int32_t>::max(),
            "output " + std::to_string(n) + " may overflow its 32-bit sum", worst,
            "at most 2147483647", "split the layer's inputs into two layers");
  }
  return {.backend = backend,
          .inputs = weight.shape(1),
          .outputs = weight.shape(0),
          .input_range = input_range};
}

PackedLinear pack_layer(const QuantizedLinear& layer, decltype(Backend::pack_weight) pack_weight) {
  require_valid(layer, "a layer to be packed");
  constexpr std::array<std::int32_t, 1> kSymmetric = {0};
  return {pack_weight(layer.weight, layer.input_range),
          fold_zero_points(layer.weight, values(layer.bias), layer.input.zero_point,
                           layer.input_range, kSymmetric),  // (eq. 6.5)
          layer.multiplier,
          {},
          layer.output,
          layer.output_range};
}

void require_fits(const PackedWeight& weight, std::string_view backend, std::size_t x_size,
                  std::size_t rows, std::size_t y_size) {
  require(weight.backend == backend, "the weights are laid out for another backend", weight.backend,
          backend, "run them on the backend that packed them");
  require(x_size == rows * weight.inputs, "the input does not fit the layer", x_size,
          std::to_string(rows) + " x " + std::to_string(weight.inputs), "pass rows x K integers");
  require(y_size == rows * weight.outputs, "the output does not fit the layer", y_size,
          std::to_string(rows) + " x " + std::to_string(weight.outputs), "pass room for rows x N");
}

namespace {

PackedWeight pack_weight_ref(const Matrix<std::int8_t>& weight, QuantRange input_range) {
  const std::int64_t longest = max_depth(range_of<std::uint8_t>(), range_of<std::int8_t>());
  require(static_cast<std::int64_t>(weight.shape(1)) <= longest,
          "ref takes no layer with so many inputs", weight.shape(1), longest,
          "split the layer's inputs into two layers");
  PackedWeight packed = pack_shape(weight, input_range, "ref");
  packed.bytes.resize(weight.size());  // as it is: N x K
  std::memcpy(packed.bytes.data(), weight.data(), weight.size());
  return packed;
}

// [product]
void run_s32_ref(const PackedWeight& weight, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<std::int32_t> acc) {
  require_fits(weight, "ref", x.size(), rows, acc.size());
  const std::span q_w(reinterpret_cast<const std::int8_t*>(weight.bytes.data()),
                      weight.bytes.size());
  gemm_u8s8s32_ref({rows, weight.outputs, weight.inputs}, x, q_w, acc);
}

}  // namespace

void ref_product(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<std::int32_t> acc) {
  run_s32_ref(layer, x, rows, acc);
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

PackedLinear pack_ref(const QuantizedLinear& layer) { return pack_layer(layer, pack_weight_ref); }

// The multipliers become integers here, and the floats are left behind.
PackedLinear pack_ref_fixed(const QuantizedLinear& layer) {
  PackedLinear packed = pack_ref(layer);
  packed.multiplier = Vector<float>();
  packed.fixed = make_tensor<FixedPointMultiplier>({layer.multiplier.size()});
  for (std::size_t c = 0; c < packed.fixed.size(); ++c)
    packed.fixed(c) = to_fixed_point(static_cast<double>(layer.multiplier(c)));
  return packed;
}

std::vector<std::int32_t> sums(const PackedLinear& layer, std::span<const std::uint8_t> x,
                               std::size_t rows, std::size_t y_size) {
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

// Both have one layout of the weights; they differ in how a sum becomes 8 bits.
constexpr Backend kRef = {"ref", pack_weight_ref, pack_ref, run_s32_ref, run_u8_ref};
constexpr Backend kRefFixed = {"ref_fixed", pack_weight_ref, pack_ref_fixed, run_s32_ref,
                               run_u8_ref_fixed};

}  // namespace

const Backend& ref_backend(RequantizeRule rule) {
  return rule == RequantizeRule::float32 ? kRef : kRefFixed;
}

}  // namespace qfs

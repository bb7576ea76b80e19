// How the product of a layer is computed is data, not a class: four pointers. This file brings the
// plain backends; faster ones come later and need no change here.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "02_integer_products/requantize.hpp"
#include "06_static_ptq/quantized_linear.hpp"

namespace qfs {

// [packed_linear]
// A layer made ready for one backend, once. A backend reads what it needs and leaves the rest
// empty.
struct PackedLinear {
  std::string_view backend;
  std::size_t inputs = 0, outputs = 0;   // K, N
  Vector<std::int32_t> bias{};           // N, the zero-point terms folded in (eq. 6.5)
  Vector<float> multiplier{};            // m: 1, or N
  Vector<FixedPointMultiplier> fixed{};  // the same m as integers
  Vector<float> sum_scale{};             // s_x s_w, what one step of the sum is worth: 1, or N
  QuantRange input_range;
  QuantParams output;
  QuantRange output_range;
  std::vector<std::byte> weight{};  // laid out as the backend likes
};
// [/packed_linear]

// [backend]
// x is rows x K integers within the layer's input_range, y is rows x N; both row-major.
struct Backend {
  std::string_view name;
  PackedLinear (*pack)(const QuantizedLinear& layer);
  // Product, bias, requantization and clamp.
  void (*run_u8)(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<std::uint8_t> y);
  // y = sum_scale (product + bias): the sums themselves as reals, nothing rounded to 8 bits.
  void (*run_f32)(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                  std::span<float> y);
};
// [/backend]

// How a sum becomes 8 bits. float32: requantize_float, PyTorch's rule, the only float in the
// integer path. fixed_point: requantize_fixed, no float at all.
enum class RequantizeRule { float32, fixed_point };

// The plain loops of chapter 02: "ref" and, by the other rule, "ref_fixed".
const Backend& ref_backend(RequantizeRule rule = RequantizeRule::float32);

// What every backend's pack starts with: all of a PackedLinear but the weight. Proves that no sum
// can leave 32 bits; throws Error where one could, or where the layer is not valid.
PackedLinear pack_parameters(const QuantizedLinear& layer, std::string_view backend);

// Throws Error unless x and y have rows x inputs and rows x outputs elements.
void require_shapes(const PackedLinear& layer, std::size_t x_size, std::size_t rows,
                    std::size_t y_size);

// The two halves of ref's run_u8, apart so that they can be timed apart.
void ref_product(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<std::int32_t> acc);
void ref_requantize(const PackedLinear& layer, std::span<const std::int32_t> acc,
                    std::span<std::uint8_t> y);

// [fixed]
// The second half by the fixed-point rule. From acc to y no type is a float: a test runs the whole
// net with a Wide that can not be converted to or from one.
template <class Wide = std::int64_t>
void requantize_fixed_rows(std::span<const FixedPointMultiplier> multipliers,
                           std::int32_t zero_point, QuantRange range, std::size_t outputs,
                           std::span<const std::int32_t> acc, std::span<std::uint8_t> y) {
  for (std::size_t i = 0; i < acc.size(); ++i)
    y[i] = static_cast<std::uint8_t>(requantize_fixed<ShiftRounding::half_even, Wide>(
        acc[i], of_channel(multipliers, i % outputs), zero_point, range));
}
// [/fixed]

}  // namespace qfs

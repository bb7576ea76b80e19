// How the product of a layer is computed is data, not a class: a name and four functions. This file
// brings the plain backends; faster ones come later and need no change here.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "02_integer_products/requantize.hpp"
#include "06_static_ptq/quantized_linear.hpp"

namespace qfs {

// [packed]
// Weights made ready for one backend, once: for all inputs within input_range no sum leaves 32
// bits.
struct PackedWeight {
  std::string_view backend;             // whose layout it is
  std::size_t inputs = 0, outputs = 0;  // K, N
  QuantRange input_range;
  std::vector<std::byte> bytes{};  // laid out as the backend likes
};

// A whole layer made ready. A backend reads what it needs and leaves the rest empty.
struct PackedLinear : PackedWeight {
  Vector<std::int32_t> bias{};           // N, the zero-point terms folded in (eq. 6.5)
  Vector<float> multiplier{};            // m: 1, or N
  Vector<FixedPointMultiplier> fixed{};  // the same m as integers
  QuantParams output;
  QuantRange output_range;
};
// [/packed]

// [backend]
// x is rows x K integers within input_range, acc and y are rows x N; all row-major.
struct Backend {
  std::string_view name;
  PackedWeight (*pack_weight)(const Matrix<std::int8_t>& weight, QuantRange input_range);
  PackedLinear (*pack)(const QuantizedLinear& layer);
  // The raw product, sum of q_x q_w: no zero point, no bias.
  void (*run_s32)(const PackedWeight& weight, std::span<const std::uint8_t> x, std::size_t rows,
                  std::span<std::int32_t> acc);
  // Product, bias, requantization and clamp.
  void (*run_u8)(const PackedLinear& layer, std::span<const std::uint8_t> x, std::size_t rows,
                 std::span<std::uint8_t> y);
};
// [/backend]

// How a sum becomes 8 bits. float32: requantize_float, PyTorch's rule, the only float in the
// integer path. fixed_point: requantize_fixed, no float at all.
enum class RequantizeRule { float32, fixed_point };

// The plain loops of chapter 02: "ref" and, by the other rule, "ref_fixed".
const Backend& ref_backend(RequantizeRule rule = RequantizeRule::float32);

// What every backend's pack_weight starts with: all of a PackedWeight but the bytes. Throws Error
// where a weight or range is empty, or where a sum could leave 32 bits.
PackedWeight pack_shape(const Matrix<std::int8_t>& weight, QuantRange input_range,
                        std::string_view backend);

// What every backend's pack starts with: the layer around a weight packed by `pack_weight`. Throws
// Error where the layer is not valid, or where a sum with its bias could leave 32 bits.
PackedLinear pack_layer(const QuantizedLinear& layer, decltype(Backend::pack_weight) pack_weight);

// Throws Error unless `backend` laid out the weight, and x and y have rows x inputs and rows x
// outputs elements.
void require_fits(const PackedWeight& weight, std::string_view backend, std::size_t x_size,
                  std::size_t rows, std::size_t y_size);

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

// How products are computed is data, not a class: a name and its functions. This file brings the
// plain backends; faster ones come later and need no change here.
//
// Symbols as in the text: q_x the left side's integers (rows x K), q_w the weight's (N x K).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "02_integer_products/requantize.hpp"
#include "06_static_ptq/quantized_weight.hpp"

namespace qfs {

// Rows that lie in memory in pieces: runs of `run` inputs, run_step bytes apart. Of `together`
// rows, from a multiple of it on, each begins row_step bytes behind the one before.
struct RowsInPlace {
  std::size_t run, run_step, together, row_step;
  const std::uint8_t* (*at)(const void* source, std::size_t row);  // any row's first run
};
// Bytes that a kernel may read behind a run, unless four divide the run.
inline constexpr std::size_t kReadBehind = 3;

// The left side of a product: rows x depth integers. Those of a Linear lie in memory as they are,
// one row after the other. Those of a convolution (chapter 21) do not: their rows are patches of a
// picture, written when they are needed, or read in place.
struct LeftSide {
  std::size_t rows = 0, depth = 0;
  const void* source = nullptr;
  // Writes rows begin to end (not included) of `source` to `to`; null: source is the matrix itself.
  void (*pack)(const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) = nullptr;
  // The same rows, for a kernel that needs no copy of them. Only beside `pack`.
  std::optional<RowsInPlace> in_place{};
};
LeftSide matrix_left_side(std::span<const std::uint8_t> x, std::size_t rows);

// What becomes of the 32-bit sums. Either to 8 bits: bias, multiplier, rounding, clamp ...
struct ToU8 {
  Vector<std::int32_t> bias{};  // N, the zero-point terms folded in (eq. 6.5)
  Vector<float> multiplier{};   // m: 1, or N
  QuantParams output;
  QuantRange range;
};
// ... or to reals, by an s_x and z_x that are known at run time only (chapter 08).
struct ToF32 {
  Vector<std::int32_t> weight_sum{};  // N: the sum of q_w over each row of the weight
  Vector<float> bias{};               // N
};

// What a backend is given to pack, once. One of to_u8 and to_f32 may be null, or both.
struct Product {
  const QuantizedWeight* weight = nullptr;
  QuantRange input_range;  // no input leaves it
  const ToU8* to_u8 = nullptr;
  const ToF32* to_f32 = nullptr;
  std::size_t run = 0;  // of its left sides, if they lie in place (RowsInPlace); 0: all inputs
};

// What it makes of that: an object of its own, aligned and laid out as it likes, that nobody else
// looks into. For all inputs within input_range no sum leaves 32 bits.
struct PackedProduct {
  std::string_view backend;
  std::size_t inputs = 0, outputs = 0;  // K, N
  QuantRange input_range;
  std::shared_ptr<const void> object{};
};

// [backend]
struct Backend {
  std::string_view name;
  PackedProduct (*pack)(const Product& product);
  // What packing found out, for people: a line, or nothing.
  std::string (*describe)(const PackedProduct& packed);
  // rows x K integers to rows x N. The raw sums of q_x q_w: no zero point, no bias.
  void (*run_s32)(const PackedProduct& packed, const LeftSide& x, std::span<std::int32_t> acc);
  // Sum, bias, requantization, clamp (eq. 6.6, 6.7).
  void (*run_u8)(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y);
  // Sum, zero point, scale, bias: one s_x and z_x for all rows, or one for each (chapter 08).
  void (*run_f32)(const PackedProduct& packed, const LeftSide& x,
                  std::span<const QuantParams> params, std::span<float> y);
  // The edges, where reals come in and go out: chapter 01's rules, element by element.
  Interval (*min_max)(std::span<const float> x);
  void (*quantize)(std::span<const float> x, QuantParams params, QuantRange range,
                   Rounding rounding, std::span<std::uint8_t> q);
  void (*dequantize)(std::span<const std::uint8_t> q, QuantParams params, std::span<float> x);
};
// [/backend]

// How a sum becomes 8 bits. float32: requantize_float, PyTorch's rule, the only float in the
// integer path. fixed_point: requantize_fixed, no float at all.
enum class RequantizeRule { float32, fixed_point };

// The plain loops of chapter 02: "ref" and, by the other rule, "ref_fixed".
const Backend& ref_backend(RequantizeRule rule = RequantizeRule::float32);

// What every backend's pack starts with: all of a PackedProduct but its object. Throws Error where
// a weight or range is empty, or where a sum could leave 32 bits, its bias included.
PackedProduct pack_shape(const Product& product, std::string_view backend);

// Throws Error unless `backend` laid out the product, and x and y have rows x K and rows x N
// elements.
void require_fits(const PackedProduct& packed, std::string_view backend, const LeftSide& x,
                  std::size_t y_size);

// [fixed]
// Sums to 8 bits by the fixed-point rule. From acc to y no type is a float: a test runs a whole net
// with a Wide that can not be converted to or from one.
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

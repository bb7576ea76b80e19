// From a 32-bit sum back to 8 bits, by three rules that mostly agree.
//
// Symbols as in the text: acc the sum with its bias, of scale s_x s_w; m = s_x s_w / s_y the
// multiplier; q_y the output, of scale s_y.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>

#include "01_affine_math/affine.hpp"
#include "02_integer_products/dot.hpp"
#include "common/check.hpp"
#include "common/tensor.hpp"

namespace qfs {

// Throws Error unless the number is positive and normal: neither 0 nor nearly so, infinity or NaN.
inline void require_normal(float number, const char* what, const char* what_to_do) {
  require(std::isnormal(number) && number > 0.0F, what, number, "a positive normal float32",
          what_to_do);
}

inline void require_bias_fits(float rounded) {
  require(std::fabs(rounded) < 0x1p31F, "the bias does not fit 32 bits", rounded,
          "a magnitude below 2147483648", "its scale s_x * s_w is too small for it");
}

// [bias]
// b as an integer of scale s_x s_w (eq. 2.3), in PyTorch's order of float32 operations: one
// product, one reciprocal, one product. b / (s_x * s_w) may have another last bit: another integer
// near a tie, and anywhere above 2^23. PyTorch itself differs where the scales are doubles that no
// float32 holds, such as a 0.1 typed by hand: it multiplies them in double. Those of its observers
// are float32, and the two products round alike. Throws Error where s_x * s_w is not a positive
// normal number, or the integer does not fit 32 bits.
inline std::int32_t quantize_bias(float bias, float x_scale, float w_scale) {
  const float scale = x_scale * w_scale;
  require_normal(scale, "a bias needs a scale s_x * s_w",
                 "look for a channel whose weights are all nearly 0");
  const float rounded = std::nearbyint(bias * (1.0F / scale));
  require_bias_fits(rounded);
  return static_cast<std::int32_t>(rounded);
}

// m (eq. 2.8), again in PyTorch's order: the reciprocal of s_y, not a division by it.
inline float output_multiplier(float x_scale, float w_scale, float y_scale) {
  const float multiplier = (x_scale * w_scale) * (1.0F / y_scale);
  require_normal(multiplier, "the scales give no multiplier",
                 "check the three scales for 0, infinity and NaN");
  return multiplier;
}
// [/bias]

// [requantize_float]
// q_y = clamp(z_y + nearbyint(acc * m)) in float32 (eq. 2.9): PyTorch's qnnpack, ONNX Runtime. acc
// is first rounded to a float32, so above 2^24 its low bits are lost.
inline std::int32_t requantize_float(std::int32_t acc, float multiplier, std::int32_t zero_point,
                                     QuantRange range) {
  const float rounded = std::nearbyint(static_cast<float>(acc) * multiplier);
  const float low = static_cast<float>(range.qmin - zero_point);
  const float high = static_cast<float>(range.qmax - zero_point);
  return static_cast<std::int32_t>(std::clamp(rounded, low, high)) + zero_point;
}
// [/requantize_float]

// A positive real as mantissa * 2^-(31 + shift), mantissa in [2^30, 2^31) (eq. 2.10).
struct FixedPointMultiplier {
  std::int32_t mantissa = 0;
  int shift = 0;  // to the right; negative for a real of 1 or more
  friend constexpr bool operator==(FixedPointMultiplier, FixedPointMultiplier) = default;
};

// [to_fixed_point]
// Exact for every float32, whose 24 bits fit into 31. A double is rounded to 31 bits, halves up,
// which may carry to 2^31. Throws Error outside [2^-32, 2^29): below, every 32-bit sum would become
// 0; above, every one but 0 would be clamped.
inline FixedPointMultiplier to_fixed_point(double real) {
  require(real >= 0x1p-32 && real < 0x1p29, "no fixed-point multiplier for this real", real,
          "at least 2^-32 and below 2^29", "check the scales s_x, s_w and s_y");
  int exponent = 0;
  const double fraction = std::frexp(real, &exponent);  // exact: real = fraction * 2^exponent
  auto mantissa = static_cast<std::int64_t>(std::floor(fraction * 0x1p31 + 0.5));
  if (mantissa == std::int64_t{1} << 31) {
    mantissa /= 2;
    ++exponent;
  }
  return {static_cast<std::int32_t>(mantissa), -exponent};
}
// [/to_fixed_point]

// What a shift does with a half: half_even as everywhere in this course; half_up (toward +infinity)
// is TFLite's single rounding.
enum class ShiftRounding { half_even, half_up };

// [requantize_fixed]
// value / 2^shift, rounded once. shift in [1, 62], |value| < 2^62.
template <ShiftRounding rounding = ShiftRounding::half_even, class Wide>
constexpr Wide rounding_shift_right(Wide value, int shift) {
  const Wide quotient = value >> shift;  // toward -infinity
  const Wide remainder = value - (quotient << shift);
  const Wide half = Wide{1} << (shift - 1);
  const bool up = rounding == ShiftRounding::half_even && (quotient & Wide{1}) == Wide{0}
                      ? remainder > half
                      : remainder >= half;
  return up ? quotient + Wide{1} : quotient;
}

// q_y = clamp(z_y + round(acc * mantissa / 2^(31 + shift))) (eq. 2.11): one 64-bit product, one
// rounding. From acc to q_y there is no float: Wide may be any integer type of 64 bits, and a test
// instantiates it with one that has no conversion to or from float.
template <ShiftRounding rounding = ShiftRounding::half_even, class Wide = std::int64_t>
constexpr std::int32_t requantize_fixed(std::int32_t acc, FixedPointMultiplier multiplier,
                                        std::int32_t zero_point, QuantRange range) {
  const Wide product = Wide{acc} * Wide{multiplier.mantissa};  // |product| < 2^62
  const Wide scaled = rounding_shift_right<rounding>(product, 31 + multiplier.shift);
  const Wide shifted = scaled + Wide{zero_point};
  return static_cast<std::int32_t>(std::clamp(shifted, Wide{range.qmin}, Wide{range.qmax}));
}
// A float cannot slip in by a silent conversion.
template <std::floating_point Float>
std::int32_t requantize_fixed(Float, FixedPointMultiplier, std::int32_t, QuantRange) = delete;
// [/requantize_fixed]

inline void require_gemmlowp_shift(int shift) {
  require(shift >= -30 && shift <= 31,
          "gemmlowp's rule needs a multiplier of at least 2^-32 and below 2^30", shift,
          "a shift from -30 to 31", "make the multiplier with to_fixed_point");
}

// [gemmlowp]
// a * b / 2^31 rounded, halves up: gemmlowp's SaturatingRoundingDoublingHighMul, ARM's VQRDMULH. It
// saturates in the one case that leaves 32 bits, (-2^31) * (-2^31).
constexpr std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  if (a == kLowest && b == kLowest) return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = std::int64_t{a} * b;
  return static_cast<std::int32_t>((product + (std::int64_t{1} << 30)) >> 31);
}

// value / 2^exponent, exponent in [0, 31], rounded, halves away from zero: gemmlowp's
// RoundingDivideByPOT.
constexpr std::int32_t rounding_divide_by_pot(std::int32_t value, int exponent) {
  const std::int64_t half = exponent == 0 ? 0 : std::int64_t{1} << (exponent - 1);
  const std::int64_t magnitude = value < 0 ? -std::int64_t{value} : std::int64_t{value};
  const std::int64_t rounded = (magnitude + half) >> exponent;
  return static_cast<std::int32_t>(value < 0 ? -rounded : rounded);
}

// gemmlowp's output stage, TFLite's default: two roundings (eq. 2.12). A multiplier of 1 or more
// shifts acc to the left first, as TFLite does, and nothing to the right. Where that leaves 32 bits
// TFLite's result is undefined; ours saturates, which the clamp of any 16-bit range hides.
inline std::int32_t requantize_gemmlowp(std::int32_t acc, FixedPointMultiplier multiplier,
                                        std::int32_t zero_point, QuantRange range) {
  require_gemmlowp_shift(multiplier.shift);
  using Int32 = std::numeric_limits<std::int32_t>;
  const std::int64_t shifted = std::int64_t{acc} << std::max(-multiplier.shift, 0);
  const auto sum =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(shifted, Int32::min(), Int32::max()));
  const std::int32_t high = saturating_rounding_doubling_high_mul(sum, multiplier.mantissa);
  const std::int64_t scaled = rounding_divide_by_pot(high, std::max(multiplier.shift, 0));
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(scaled + zero_point, range.qmin, range.qmax));
}
// [/gemmlowp]

// Every element of an M x N sum by one rule; one multiplier for the tensor or one per output
// channel. Q must hold the range.
template <Int8 Q, class Multiplier>
Matrix<Q> requantize_matrix(const Matrix<std::int32_t>& acc,
                            std::span<const Multiplier> multipliers, std::int32_t zero_point,
                            QuantRange range,
                            std::int32_t (*rule)(std::int32_t, Multiplier, std::int32_t,
                                                 QuantRange)) {
  require_per_channel(multipliers, acc.shape(1), "output multipliers");
  require(range.qmin >= range_of<Q>().qmin && range.qmax <= range_of<Q>().qmax,
          "requantize_matrix: the integer type cannot hold the range", range.qmax,
          range_of<Q>().qmax, "use the other 8-bit type or fewer bits");
  auto q = make_tensor<Q>({acc.shape(0), acc.shape(1)});
  for (std::size_t m = 0; m < acc.shape(0); ++m)
    for (std::size_t n = 0; n < acc.shape(1); ++n)
      q(m, n) = static_cast<Q>(rule(acc(m, n), of_channel(multipliers, n), zero_point, range));
  return q;
}

}  // namespace qfs

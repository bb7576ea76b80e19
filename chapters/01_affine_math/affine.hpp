// Affine quantization: real = scale * (q - zero_point).
//
// Symbols as in the text: x real, s scale, z zero point, q integer, [qmin, qmax] its range.
#pragma once

// With these flags a compiler drops the tests for NaN and infinity, and chapter 03's rounding, and
// says nothing.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || \
    __FINITE_MATH_ONLY__
#error "qfs needs IEEE 754 floats: compile without -ffast-math, -Ofast and their parts"
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "common/check.hpp"

namespace qfs {

// [qrange]
// The integers a value may become, both ends included. 2 to 16 bits, signed or unsigned.
struct QuantRange {
  std::int32_t qmin = 0;
  std::int32_t qmax = 255;
  friend constexpr bool operator==(QuantRange, QuantRange) = default;
};

constexpr QuantRange unsigned_range(int bits) { return {0, (1 << bits) - 1}; }
constexpr QuantRange signed_range(int bits) { return {-(1 << (bits - 1)), (1 << (bits - 1)) - 1}; }
// The signed range without its lowest integer, so that it is its own mirror image: [-127, 127].
constexpr QuantRange narrow_range(int bits) {
  return {1 - (1 << (bits - 1)), (1 << (bits - 1)) - 1};
}
// One bit fewer in the same storage: [0, 127] or [-64, 63]. Halves are rounded down, as PyTorch
// does: [-127, 127] gives [-64, 63] too.
constexpr QuantRange reduced(QuantRange range) { return {range.qmin >> 1, range.qmax >> 1}; }
// [/qrange]

// [policies]
// Which integers the scale is made for, and to which a value is clamped.
struct RangePolicy {
  QuantRange scale_range;
  QuantRange clamp_range;
  friend constexpr bool operator==(RangePolicy, RangePolicy) = default;
};
constexpr RangePolicy unreduced(QuantRange range) { return {range, range}; }
// Two policies are called "7 bits". They differ where a real leaves the interval of its scale.
// Ours: no integer is ever above 127, whatever comes. An instruction that adds two products in 16
// bits needs that. PyTorch's FakeQuantize does the same.
constexpr RangePolicy reduce_and_clamp(QuantRange range) {
  return {reduced(range), reduced(range)};
}
// PyTorch's reduce_range, once quantized: the scale is coarser, but the clamp stays at 255.
constexpr RangePolicy pytorch_reduce_range(QuantRange range) { return {reduced(range), range}; }
// [/policies]

static_assert(unsigned_range(8) == QuantRange{0, 255} && signed_range(8) == QuantRange{-128, 127});
static_assert(narrow_range(8) == QuantRange{-127, 127} && unsigned_range(2) == QuantRange{0, 3});
static_assert(reduced(unsigned_range(8)) == QuantRange{0, 127});
static_assert(reduced(signed_range(8)) == QuantRange{-64, 63});
static_assert(reduced(narrow_range(8)) == QuantRange{-64, 63});

// scale: the width of one integer step. zero_point is the integer that stands for real 0.
struct QuantParams {
  float scale = 1.0F;
  std::int32_t zero_point = 0;
  friend bool operator==(const QuantParams&, const QuantParams&) = default;
};

// affine: [min, max] onto [qmin, qmax]. symmetric: 0 onto the middle, the larger side decides. An
// unsigned range has no middle integer: ours is the upper one, 128 of [0, 255], as PyTorch's is by
// default. With quant_min and quant_max given, PyTorch takes the lower: 127, or 7 of [0, 15].
enum class Scheme { affine, symmetric };

// [rounding]
// How a real becomes an integer. The zero point is added after rounding in all three.
enum class Rounding {
  half_even,         // nearbyint(x * (1 / s)): PyTorch, and this course
  half_even_divide,  // nearbyint(x / s): ONNX QuantizeLinear
  half_away_divide,  // round(x / s), ties away from zero: TFLite
};
// [/rounding]

// No scale is smaller than this (PyTorch's observers: the float32 epsilon), so that 1/s is finite
// and a constant 0 has a scale at all.
inline constexpr float kSmallestScale = std::numeric_limits<float>::epsilon();

// "[-1, 2]", for messages.
inline std::string interval_text(float min, float max) {
  return std::string("[").append(to_message(min)).append(", ").append(to_message(max)).append("]");
}

// Throws Error on NaN, infinity, min > max, or a range of fewer than two integers.
inline void require_interval(float min, float max, QuantRange range) {
  require(
      std::isfinite(min) && std::isfinite(max) && min <= max, "no scale exists for this interval",
      [&] { return interval_text(min, max); }, "two finite numbers, min <= max",
      "look for NaN or infinity in the tensor");
  require(range.qmin < range.qmax, "a range of integers needs two of them", range.qmin,
          "qmin < qmax", "use at least 2 bits");
}

// Throws Error where an end of the grid is no float32.
inline void require_grid(QuantParams p, QuantRange range, float min, float max) {
  const std::int32_t longer = std::max(range.qmax - p.zero_point, p.zero_point - range.qmin);
  require(
      std::isfinite(p.scale * static_cast<float>(longer)), "the interval is too wide",
      [&] { return interval_text(min, max); }, "a grid that ends below 3.4e38",
      "look for an outlier of that size");
}

// [choose_qparams]
// The parameters that map the reals [min, max] onto `range`, in float32 as PyTorch's MinMaxObserver
// computes them. The interval is first widened to contain 0 (eq. 1.4), so that 0 is exact.
inline QuantParams choose_qparams(float min, float max, QuantRange range,
                                  Scheme scheme = Scheme::affine) {
  require_interval(min, max, range);  // throws Error on NaN, infinity, min > max
  const float lo = std::min(min, 0.0F);
  const float hi = std::max(max, 0.0F);
  const float steps = static_cast<float>(range.qmax - range.qmin);
  QuantParams p;
  if (scheme == Scheme::symmetric) {
    p.scale = std::max(std::max(-lo, hi) / (steps / 2.0F), kSmallestScale);  // (eq. 1.7)
    p.zero_point = (range.qmin + range.qmax + 1) >> 1;  // the middle; a half is rounded up
  } else {
    p.scale = std::max((hi - lo) / steps, kSmallestScale);  // (eq. 1.5)
    // (eq. 1.6) No clamp is needed: 0 lies in [lo, hi], so lo / scale, once rounded, lies in
    // [-steps, 0] (before, its last bit may put it just outside).
    p.zero_point = range.qmin - static_cast<std::int32_t>(std::nearbyint(lo / p.scale));
  }
  require_grid(p, range, min, max);  // throws Error beyond the largest float32
  return p;
}
// [/choose_qparams]

// [quantize]
// real -> integer (eq. 1.2): scale, round, add the zero point, clamp. Infinity becomes an end of
// the range, NaN the zero point; PyTorch leaves both, and |x / s| >= 2^31, to the CPU's conversion.
inline std::int32_t quantize_value(float x, QuantParams p, QuantRange range,
                                   Rounding rounding = Rounding::half_even) {
  const float steps = rounding == Rounding::half_even ? x * (1.0F / p.scale) : x / p.scale;
  const float rounded =
      rounding == Rounding::half_away_divide ? std::round(steps) : std::nearbyint(steps);
  if (std::isnan(rounded)) return std::clamp(p.zero_point, range.qmin, range.qmax);
  // Clamped as a float, before the conversion: converting 1e30 to an integer is undefined.
  const float low = static_cast<float>(range.qmin - p.zero_point);
  const float high = static_cast<float>(range.qmax - p.zero_point);
  return static_cast<std::int32_t>(std::clamp(rounded, low, high)) + p.zero_point;
}

// integer -> real (eq. 1.1).
inline float dequantize_value(std::int32_t q, QuantParams p) {
  return p.scale * static_cast<float>(q - p.zero_point);
}
// [/quantize]

// One tensor, one pair of parameters. Q is std::uint8_t, std::int8_t or std::int32_t and must hold
// the range; x and q have one length.
template <class Q>
void quantize(std::span<const float> x, QuantParams p, QuantRange range, std::span<Q> q,
              Rounding rounding = Rounding::half_even) {
  require(x.size() == q.size(), "quantize: input and output differ in length", q.size(), x.size(),
          "make the output as long as the input");
  require(
      range.qmin >= std::numeric_limits<Q>::min() && range.qmax <= std::numeric_limits<Q>::max(),
      "quantize: the integer type cannot hold the range", range.qmax,
      +std::numeric_limits<Q>::max(), "use a wider type or fewer bits");
  for (std::size_t i = 0; i < x.size(); ++i)
    q[i] = static_cast<Q>(quantize_value(x[i], p, range, rounding));
}

template <class Q>
void dequantize(std::span<const Q> q, QuantParams p, std::span<float> x) {
  require(x.size() == q.size(), "dequantize: input and output differ in length", x.size(), q.size(),
          "make the output as long as the input");
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = dequantize_value(q[i], p);
}

// The smallest and the largest element. An empty tensor is an Error, and so is NaN or infinity.
struct Interval {
  float min = 0.0F;
  float max = 0.0F;
  friend constexpr bool operator==(Interval, Interval) = default;
};
inline Interval min_max(std::span<const float> x) {
  require(!x.empty(), "an empty tensor has no minimum and maximum", 0, "at least one element",
          "check the tensor's shape");
  Interval interval{x[0], x[0]};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]))
      fail("the tensor holds a number that is not finite",
           to_message(x[i]) + " at index " + std::to_string(i), "finite numbers",
           "look for a division by zero before it");
    interval.min = std::min(interval.min, x[i]);
    interval.max = std::max(interval.max, x[i]);
  }
  return interval;
}

}  // namespace qfs

// Fake quantization: quantize and dequantize in one step, all in float, and its gradient.
//
// Symbols as in the text: x real, s scale, z zero point, q integer, y the real that q stands for.
// In steps: t = x / s; r = q - z is t rounded; low = qmin - z and high = qmax - z are its ends.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "01_affine_math/granularity.hpp"

namespace qfs {

// [fake_quantize_ref]
// One number by the definition: the oracle of everything below.
struct FakeQuantized {
  float y = 0.0F;
  bool inside = false;  // the clip mask: 1 where q is in range before the clamp
};
inline FakeQuantized fake_quantize_ref(float x, QuantParams p, QuantRange range) {
  const float zero_point = static_cast<float>(p.zero_point);
  const float qmin = static_cast<float>(range.qmin), qmax = static_cast<float>(range.qmax);
  const float q = zero_point + std::nearbyint(x * (1.0F / p.scale));   // (eq. 3.1)
  const float y = (std::clamp(q, qmin, qmax) - zero_point) * p.scale;  // (eq. 3.2)
  return {y, qmin <= q && q <= qmax};                                  // (eq. 3.4)
}
// [/fake_quantize_ref]

// [round_fast]
// nearbyint(t) for |t| <= 2^22, by one addition and one subtraction, which every CPU has in
// vectors. Proof: 1.5 * 2^23 + t lies in [2^23, 2^24], where consecutive floats are exactly 1
// apart. So the addition, which IEEE 754 rounds to nearest with ties to even, rounds t to an
// integer; 1.5 * 2^23 is even, so an even sum means an even integer. The subtraction has an exact
// result: it rounds nothing. (From -0.5 to -0 it is 0, where nearbyint gives -0.) -ffast-math would
// cancel the two; chapter 01's headers refuse it.
inline float round_fast(float t) {
  constexpr float kMagic = 12582912.0F;  // 1.5 * 2^23
  return (t + kMagic) - kMagic;
}
// [/round_fast]

// What the inner loops need of one scale and zero point, as floats.
struct FakeQuantSteps {
  float scale = 1.0F, inv_scale = 1.0F;
  float low = 0.0F, high = 255.0F;  // in steps, integers, |.| <= 2^16
};

// Throws Error unless 1/scale is positive and finite, the range has 2 to 65536 integers, and the
// zero point is one of them.
inline FakeQuantSteps make_steps(QuantParams p, QuantRange range) {
  const float inv_scale = 1.0F / p.scale;
  require(p.scale > 0.0F && std::isfinite(p.scale) && std::isfinite(inv_scale),
          "fake_quantize: a scale and its reciprocal must be positive and finite", p.scale,
          "a number between 1e-38 and 1e38", "choose the scale with choose_qparams");
  const std::int64_t steps = std::int64_t{range.qmax} - range.qmin;
  require(steps > 0 && steps < 65536, "fake_quantize: a range needs 2 to 65536 integers", steps + 1,
          "qmin < qmax, at most 16 bits", "use unsigned_range, signed_range or narrow_range");
  require(range.qmin <= p.zero_point && p.zero_point <= range.qmax,
          "fake_quantize: the zero point must be one of the integers, so that 0 is exact",
          p.zero_point, std::to_string(range.qmin) + " to " + std::to_string(range.qmax),
          "choose the zero point with choose_qparams, for this very range");
  return {.scale = p.scale,
          .inv_scale = inv_scale,
          .low = static_cast<float>(range.qmin - p.zero_point),
          .high = static_cast<float>(range.qmax - p.zero_point)};
}

// [forward]
// y = fake_quantize(x) of neighbours that share one scale (eq. 3.2). The clamp comes first: low and
// high are integers and rounding is monotone, so clamp-then-round equals round-then-clamp, and
// round_fast sees only numbers for which it is proven. Infinity becomes an end, NaN stays NaN.
inline void fake_quantize_run(std::span<const float> x, FakeQuantSteps k, std::span<float> y) {
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = round_fast(std::min(std::max(x[i] * k.inv_scale, k.low), k.high)) * k.scale;
}
// [/forward]

// [backward]
// dx = dy * mask (eq. 3.4). The mask asks where r fell before the clamp of eq. 3.2, after which
// every r is in range. The clamp here leaves a step of room on either side: outside stays outside.
inline void fake_quantize_backward_run(std::span<const float> x, std::span<const float> dy,
                                       FakeQuantSteps k, std::span<float> dx) {
  const float below = k.low - 1.0F, above = k.high + 1.0F;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float r = round_fast(std::min(std::max(x[i] * k.inv_scale, below), above));
    const float mask = (r >= k.low ? 1.0F : 0.0F) * (r <= k.high ? 1.0F : 0.0F);
    dx[i] = dy[i] * mask;
  }
}
// [/backward]

// Calls run(param, begin, length) for every run of neighbours that share a parameter, in the order
// in which they lie in memory.
template <class Run>
void for_each_run(const ParamLayout& layout, Run run) {
  std::size_t begin = 0;
  for (std::size_t outer = 0; outer < layout.outer; ++outer)
    for (std::size_t param = 0; param < layout.param_count(); ++param) {
      const std::size_t before = param % layout.groups * layout.group_size;  // in this channel
      const std::size_t length = std::min(layout.group_size, layout.inner - before);
      run(param, begin, length);
      begin += length;
    }
}

inline void require_layout(const ParamLayout& layout, std::size_t elements, std::size_t others,
                           std::size_t params) {
  require(elements == layout.outer * layout.channels * layout.inner && others == elements,
          "fake_quantize: input, output and layout must have one size", others,
          layout.outer * layout.channels * layout.inner, "make the layout from the tensor's shape");
  require(params == layout.param_count(), "fake_quantize: one scale per channel or group", params,
          layout.param_count(), "choose the parameters from this very layout");
}

// A tensor with the parameters of its channels or groups. x and y may be the same memory.
inline void fake_quantize(std::span<const float> x, const ParamLayout& layout,
                          std::span<const QuantParams> params, QuantRange range,
                          std::span<float> y) {
  require_layout(layout, x.size(), y.size(), params.size());
  for_each_run(layout, [&](std::size_t param, std::size_t begin, std::size_t length) {
    const FakeQuantSteps steps = make_steps(params[param], range);
    fake_quantize_run(x.subspan(begin, length), steps, y.subspan(begin, length));
  });
}

// dy is the gradient of the loss by y, dx the one by x; dx and dy may be the same memory.
inline void fake_quantize_backward(std::span<const float> x, std::span<const float> dy,
                                   const ParamLayout& layout, std::span<const QuantParams> params,
                                   QuantRange range, std::span<float> dx) {
  require_layout(layout, x.size(), dy.size(), params.size());
  require_layout(layout, x.size(), dx.size(), params.size());
  for_each_run(layout, [&](std::size_t param, std::size_t begin, std::size_t length) {
    fake_quantize_backward_run(x.subspan(begin, length), dy.subspan(begin, length),
                               make_steps(params[param], range), dx.subspan(begin, length));
  });
}

// The same for a tensor with one scale.
inline void fake_quantize(std::span<const float> x, QuantParams p, QuantRange range,
                          std::span<float> y) {
  fake_quantize(x, ParamLayout{.inner = x.size(), .group_size = x.size()}, {&p, 1}, range, y);
}
inline void fake_quantize_backward(std::span<const float> x, std::span<const float> dy,
                                   QuantParams p, QuantRange range, std::span<float> dx) {
  const ParamLayout layout{.inner = x.size(), .group_size = x.size()};
  fake_quantize_backward(x, dy, layout, {&p, 1}, range, dx);
}

}  // namespace qfs
